"""Seeds of stories that once ended badly: they are told for ever."""

KEPT = (5, 16, 21, 33, 35, 50, 60, 93, 129, 155, 181, 192, 247, 251, 258, 259, 789, 860)
