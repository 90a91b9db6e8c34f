"""Seeds of stories that once ended badly: they are told for ever."""

KEPT = (33, 50, 93, 192, 247)
