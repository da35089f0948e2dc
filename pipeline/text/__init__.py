"""Pure functions from text to text: decoding, cleaning, keys, sentences."""
