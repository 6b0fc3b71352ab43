"""Tells from their names which submitted files are notebooks, and which are copies of one."""

import re
import unicodedata

LONGEST = 255  # characters of a name: no file system has more

# What systems and programs call a copy: Windows, macOS, Linux desktops, Google Drive, Jupyter.
_COPY = (
    "copy|copie|copia|cópia|còpia|kopie|kopia|kópia|kopi|kopio|kopija|koopia|másolat|másolata|"
    "kopya|kopyası|копия|копія|копие|αντίγραφο|نسخة|עותק|העתק"
)
_COPY_ALONE = "コピー|副本|複製|拷贝|拷貝|복사본|사본"  # languages that write no space before it
_COPY_OF = (
    "copy of|copy [0-9]{1,3} of|another copy of|kopie von|eine kopie von|copie de|copie a|copia de|"
    "copia di|cópia de|còpia de|kopie van|kopia av|kopi av|kopi af|kopia pliku|kopia notatnika|"
    "kopia|kopie souboru|kopie|kópia|kopio tiedostosta|kopio|kopija|копия файла|копия блокнота|"
    "копия|копія файлу|копія|αντίγραφο του|αντίγραφο από|αντίγραφο|نسخة من|עותק של|העתק של|"
    "salinan dari|salinan|bản sao của|สำเนาของ|コピー"
)
_BEFORE = re.compile(rf"^(?:{_COPY_OF.replace(' ', '[ _]')})[ _:～-]+")
_AFTER = re.compile(
    r"(?:"
    r"-[0-9]{1,9}"
    r"|[ _]?\([0-9]{1,9}\)"
    rf"|[ _]?\((?:[^()]*[ _])?(?:{_COPY}|{_COPY_ALONE})(?:[ _][^()]*)?\)"
    r"|(?:[ _]*[-–—][ _]*|[ _]+)(?:(?:adlı[ _])?dosya(?:nın|sının)[ _])?"
    rf"(?:{_COPY})[ _]?[0-9]{{0,9}}"
    rf"|[ _]*[-–—]?[ _]*[の的의]?[ _]*(?:{_COPY_ALONE})[ _]?[0-9]{{0,9}}"
    r")$"
)
_NOTEBOOK = re.compile(
    r"(?P<stem>.+?)\.ipynb(?P<copy>[ _]?\([0-9]{1,9}\))?(?:\.(?:ipynb|txt|json))*", re.IGNORECASE
)
_QUOTES = " “”\"'«»「」„"


def notebook_stem(name: str) -> str | None:
    """Return a notebook's name without its ending, None if a file is not named as a notebook.

    Browsers and mail programs append `.txt` or `.json`.
    """
    odd = name.startswith(".") or len(name) > LONGEST
    found = None if odd else _NOTEBOOK.fullmatch(name)
    return None if found is None else found["stem"] + (found["copy"] or "")


def folded(stem: str) -> str:
    """Return a name such that upper and lower case, and forms of accents, do not matter."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", stem).casefold())


def without_copy_marks(stem: str) -> str:
    """Return a folded name without the marks of a copy: `copy of x - copie (2)` is `x`."""
    plain = re.sub("([ _])[ _]+", r"\1", folded(stem)).strip(_QUOTES)
    while True:
        shorter = _AFTER.sub("", _BEFORE.sub("", plain)).strip(_QUOTES)
        if shorter in (plain, ""):
            return plain
        plain = shorter


def letters(stem: str) -> str:
    """Return the folded letters and digits: `Linear regression` is like `linear_regression`."""
    return "".join(filter(str.isalnum, folded(stem)))
