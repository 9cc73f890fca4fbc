"""Models: the step protocol, exact fixed-point networks, saving and opening."""
