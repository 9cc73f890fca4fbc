"""Learning: words to train on, training many small networks, and the results."""
