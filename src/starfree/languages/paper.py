"""The languages of the paper's experiments, by name.

Source: Sarrof, Veitsman and Hahn 2024, arXiv:2405.17394; the Tomita languages after Tomita 1982.
"""

from __future__ import annotations

# name: (what it is, alphabet, regular expression)
PAPER: dict[str, tuple[str, str, str]] = {
    "tomita_1": ("Only ones.", "01", "1*"),
    "tomita_2": ("Repetitions of 10.", "01", "(10)*"),
    "tomita_3": (
        "No maximal odd run of 0 directly after a maximal odd run of 1.",
        "01",
        "(0|1((00)+1)*1)*(1((00)+1)*((00)+)?)?",
    ),
    "tomita_4": ("No factor 000.", "01", "(1|01|001)*(0|00)?"),
    "tomita_5": ("Even number of 0 and even number of 1.", "01", "(00|11|(01|10)(00|11)*(01|10))*"),
    "tomita_6": ("Number of 0 minus number of 1 divisible by 3.", "01", "(10|(0|11)(01)*(1|00))*"),
    "tomita_7": ("At most four alternating blocks starting with 0.", "01", "0*1*0*1*"),
    "parity": ("Even number of ones.", "01", "(0|10*1)*"),
    "aa_star": ("Even length over one letter.", "a", "(aa)*"),
    "aaaa_star": ("Length divisible by four over one letter.", "a", "(aaaa)*"),
    "abab_star": ("Repetitions of abab.", "ab", "(abab)*"),
    "aa_bb_cc_dd_ee": ("Five blocks in order, none of them empty.", "abcde", "a+b+c+d+e+"),
    "ab_d_bc": ("Letters a and b, one d, then letters b and c.", "abcd", "(a|b)*d(b|c)*"),
    "zot_02": ("The last symbol that is not 2 is a 0.", "012", "(0|1|2)*02*"),
    "d_2": ("Balanced a and b nested at most 2 deep.", "ab", "(a(ab)*b)*"),
    "d_3": ("Balanced a and b nested at most 3 deep.", "ab", "(a(a(ab)*b)*b)*"),
    "d_4": ("Balanced a and b nested at most 4 deep.", "ab", "(a(a(a(ab)*b)*b)*b)*"),
    "d_12": (
        "Balanced a and b nested at most 12 deep.",
        "ab",
        "(a(a(a(a(a(a(a(a(a(a(a(ab)*b)*b)*b)*b)*b)*b)*b)*b)*b)*b)*b)*",
    ),
    "flip_flop": (
        "Instructions w, r, i, each with a bit; after r the bit must be that of the latest w.",
        "wri01",
        "(w0(i(0|1)|r0)*|w1(i(0|1)|r1)*)*",
    ),
}

# Those that count, and brackets of bounded depth: programs, which `starfree.programs.named` makes.
PROGRAMS = {
    "dyck_1": "Balanced round brackets.",
    "shuffle_2": "Interleavings of 2 words, each of balanced brackets of one kind.",
    "shuffle_4": "Interleavings of 4 words, each of balanced brackets of one kind.",
    "shuffle_6": "Interleavings of 6 words, each of balanced brackets of one kind.",
    "boolean_3": "Complete prefix expressions with operators of 1 to 3 operands.",
    "boolean_5": "Complete prefix expressions with operators of 1 to 5 operands.",
    "anbn": "As many b as a, after them; at least one.",
    "anbncn": "As many b as a, then as many c; at least one.",
    "anbncndn": "As many b as a, then as many c, then as many d; at least one.",
    "bounded_dyck_8_10": "Well-nested brackets of 8 types, at most 10 deep.",
}
