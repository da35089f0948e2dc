"""Pure functions of text: decoding, characters, cleaning, keys, sentences."""
