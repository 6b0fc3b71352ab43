"""Where mistakes are described that more than one entry of the library comes from."""

HUMBATOVA = (
    "Humbatova et al., Taxonomy of Real Faults in Deep Learning Systems (2020), arXiv:1910.11015"
)
ISLAM = (
    "Islam et al., A Comprehensive Study on Deep Learning Bug Characteristics (2019), "
    "arXiv:1906.01388"
)
DEEPCRIME = (
    "Humbatova et al., DeepCrime: Mutation Testing of Deep Learning Systems Based on Real Faults "
    "(2021), zenodo.org/record/5082873"
)
ETTLES = "Ettles et al., Common Logic Errors Made by Novice Programmers (2018)"
ALZAHRANI = (
    "Alzahrani and Vahid, Common Logic Errors for Programming Learners: A Three-decade Literature "
    "Survey (2021)"
)
LEAKAGE = (
    "Yang et al., Data Leakage in Notebooks: Static Detection and Better Processes (2022), "
    "arXiv:2209.03345"
)
PITFALLS = (
    "scikit-learn, Common pitfalls and recommended practices, "
    "scikit-learn.org/stable/common_pitfalls.html"
)
KARPATHY = "Karpathy, Most common neural net mistakes, x.com/karpathy/status/1013244313327681536"
PYTORCH_FAQ = "PyTorch, Frequently Asked Questions, docs.pytorch.org/docs/stable/notes/faq.html"
