"""Who does what, as data: departments, each city's topics with validity dates, cue phrases, abbreviations."""
