"""Pictures and words as vectors of one space: embedders, weights folders, training of our own."""
