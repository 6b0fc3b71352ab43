# The kit in one image: docker run --rm -v "$PWD:/course" IMAGE grade my.ipynb
FROM python:3.12-slim
ENV PIP_CONSTRAINT=/kit/constraints.txt \
    PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu \
    PIP_NO_CACHE_DIR=1
COPY pyproject.toml constraints.txt README.md LICENSE course.yml /kit/
COPY autograder /kit/autograder
COPY solutions /kit/solutions
RUN pip install '/kit[nbgrader,pandas]'
WORKDIR /course
ENTRYPOINT ["autograder"]
CMD ["--help"]
