"""Languages from daily life: formats, protocols and codes that programs read every day."""

from __future__ import annotations

from string import ascii_letters, ascii_lowercase, digits

from ..budgets import DEFAULT, Budget
from .dfa import DFA
from .partial import Transitions, dfa

_HEX = "0123456789abcdef"
_OCTET = r"([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
_CODON = r"([ACG][ACGT]{2}|T[CT][ACGT]|TA[CT]|TG[CGT])"
_PLAIN, _QUOTED = r'[^",]*', r'"([^"]|"")*"'
_OPEN_PLAIN, _OPEN_QUOTED = r"[^“”,]*", r"“[^“”]*”"


def brackets(depth: int, left: str, right: str) -> str:
    """Return the expression of balanced brackets nested at most so deep; `left` and `right` are expressions.

    >>> brackets(2, "a", "b")
    '(a(ab)*b)*'
    """
    return f"({left}" * (depth - 1) + f"({left}{right})*" + f"{right})*" * (depth - 1) if depth else "()"


# name: (what it is, alphabet, regular expression)
FORMATS: dict[str, tuple[str, str, str]] = {
    "iso_date": (
        "Calendar date YYYY-MM-DD with the right number of days in each month (29 in February).",
        digits + "-",
        "[0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|[12][0-9]))",
    ),
    "time_of_day": (
        "Time HH:MM or HH:MM:SS.",
        digits + ":",
        "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?",
    ),
    "ipv4": ("IPv4 address in dotted decimal.", digits + ".", rf"{_OCTET}(\.{_OCTET}){{3}}"),
    "mac_address": ("MAC address, six bytes with colons.", _HEX + ":", "[0-9a-f]{2}(:[0-9a-f]{2}){5}"),
    "uuid": (
        "UUID, 8-4-4-4-12 hexadecimal digits.",
        _HEX + "-",
        "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    ),
    "hex_colour": ("Web colour, # and three or six hexadecimal digits.", "#" + _HEX, "#([0-9a-f]{3}){1,2}"),
    "hex_bytes": ("Bytes in hexadecimal, run together.", _HEX, "([0-9a-f]{2})*"),
    "hex_bytes_colon": (
        "Bytes in hexadecimal, separated by colons: the star-free sibling of hex_bytes.",
        _HEX + ":",
        "[0-9a-f]{2}(:[0-9a-f]{2})*",
    ),
    "base64": (
        "Base64 with padding.",
        ascii_letters + digits + "+/=",
        "([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
    ),
    "json_number": (
        "JSON number.",
        digits + "+-.eE",
        r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?",
    ),
    "grouped_number": (
        "Whole number with a comma before each group of three digits.",
        digits + ",",
        "0|[1-9][0-9]{0,2}(,[0-9]{3})*",
    ),
    "json_string": (
        "JSON string with its escapes, a backslash escaping a backslash among them.",
        '"\\/ ' + ascii_lowercase + "ABCDEF" + digits,
        r'"([^"\\]|\\(["\\/bfnrt]|u[0-9a-fA-F]{4}))*"',
    ),
    "json_string_simple": (
        "JSON string in which a backslash cannot be escaped: the star-free sibling of json_string.",
        '"\\/ ' + ascii_lowercase + "ABCDEF" + digits,
        r'"([^"\\]|\\(["/bfnrt]|u[0-9a-fA-F]{4}))*"',
    ),
    "c_comment": (
        "C block comment.",
        "/* " + ascii_lowercase,
        r"/\*([^*]|\*+[^*/])*\*+/",
    ),
    "c_identifier": ("C identifier.", ascii_letters + digits + "_", "[A-Za-z_][A-Za-z0-9_]*"),
    "csv_row": (
        "CSV row; a field may be quoted, and a quote in it is doubled.",
        '", ' + ascii_lowercase + digits,
        f"({_PLAIN}|{_QUOTED})(,({_PLAIN}|{_QUOTED}))*",
    ),
    "csv_row_curly": (
        "CSV row quoted with “ and ”, which differ: the star-free sibling of csv_row.",
        "“”, " + ascii_lowercase + digits,
        f"({_OPEN_PLAIN}|{_OPEN_QUOTED})(,({_OPEN_PLAIN}|{_OPEN_QUOTED}))*",
    ),
    "http_status": (
        "HTTP/1.x status line without its line end.",
        ascii_letters + digits + "/.-' ",
        r"HTTP/1\.[01] [1-5][0-9]{2} [A-Za-z' -]*",
    ),
    "semantic_version": (
        "Version MAJOR.MINOR.PATCH with an optional pre-release.",
        digits + ".-" + ascii_lowercase,
        r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){2}(-[0-9a-z-]+(\.[0-9a-z-]+)*)?",
    ),
    "roman_numeral": (
        "Roman numeral from I to MMMCMXCIX.",
        "IVXLCDM",
        "M{0,3}(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})&.+",
    ),
    "dna_frame": (
        "DNA reading frame: start codon, codons that do not stop, stop codon.",
        "ACGT",
        f"ATG{_CODON}*(TAA|TAG|TGA)",
    ),
    "dna_any_frame": (
        "DNA from a start codon to a stop codon in any frame: the star-free sibling of dna_frame.",
        "ACGT",
        "ATG[ACGT]*(TAA|TAG|TGA)",
    ),
    "brackets_8": (
        "Balanced brackets nested at most 8 deep.",
        "()",
        brackets(8, r"\(", r"\)"),
    ),
}
TCP = "Events of a TCP connection from CLOSED back to CLOSED, the arrows of RFC 9293, figure 5."

_TCP: Transitions = {
    "CLOSED": {"passive-open": "LISTEN", "active-open": "SYN-SENT"},
    "LISTEN": {"close": "CLOSED", "send": "SYN-SENT", "rcv-syn": "SYN-RECEIVED"},
    "SYN-SENT": {"close": "CLOSED", "rcv-syn": "SYN-RECEIVED", "rcv-syn-ack": "ESTABLISHED"},
    "SYN-RECEIVED": {"rcv-ack": "ESTABLISHED", "close": "FIN-WAIT-1", "rcv-rst": "LISTEN"},
    "ESTABLISHED": {"close": "FIN-WAIT-1", "rcv-fin": "CLOSE-WAIT"},
    "FIN-WAIT-1": {"rcv-ack": "FIN-WAIT-2", "rcv-fin": "CLOSING", "rcv-fin-ack": "TIME-WAIT"},
    "FIN-WAIT-2": {"rcv-fin": "TIME-WAIT"},
    "CLOSE-WAIT": {"close": "LAST-ACK"},
    "CLOSING": {"rcv-ack": "TIME-WAIT"},
    "LAST-ACK": {"rcv-ack": "CLOSED"},
    "TIME-WAIT": {"timeout": "CLOSED"},
}


def tcp(*, budget: Budget = DEFAULT) -> DFA:
    """Return the event sequences that take a TCP connection from CLOSED back to CLOSED.

    Source: RFC 9293, figure 5, with its notes 1 (reset of a passive open) and 2 (FIN with ACK).
    """
    return dfa(_TCP, start="CLOSED", accepting=["CLOSED"], spec="@tcp", budget=budget)
