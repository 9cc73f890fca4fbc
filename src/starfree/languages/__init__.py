"""Regular languages: how they are written, computed with, counted and sampled."""

from .att import parse_att as parse_att
from .att import read_att as read_att
from .att import write_att as write_att
from .catalog import Entry as Entry
from .catalog import catalog as catalog
from .dfa import DFA as DFA
from .dfa import make_dfa as make_dfa
from .json_format import parse_json as parse_json
from .json_format import read_json as read_json
from .json_format import write_json as write_json
from .language import END as END
from .language import Language as Language
from .language import LegalSet as LegalSet
from .language import Word as Word
from .load import load as load
from .operations import difference as difference
from .rational import concatenation as concatenation
from .rational import left_quotient as left_quotient
from .rational import rename as rename
from .rational import reversal as reversal
from .rational import right_quotient as right_quotient
from .rational import star as star
from .regex import regex as regex
from .words import format_word as format_word
from .words import parse_alphabet as parse_alphabet
from .words import parse_word as parse_word
