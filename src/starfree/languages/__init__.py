"""Regular languages: how they are written, computed with, counted and sampled."""

from .dfa import DFA as DFA
from .dfa import make_dfa as make_dfa
from .language import END as END
from .language import Language as Language
from .language import LegalSet as LegalSet
from .language import Word as Word
from .operations import difference as difference
from .regex import regex as regex
from .words import format_word as format_word
from .words import parse_alphabet as parse_alphabet
from .words import parse_word as parse_word
