-- Questions that have not been read yet.
from questions_anew
