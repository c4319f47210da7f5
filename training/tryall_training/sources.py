"""What the data are, by whom, and under which licence: what every card must say."""

SHIFTS = ("amazon", "new_wiki", "reddit")
SQUAD2, COVID, SQUADSHIFTS = "rajpurkar/squad_v2", "deepset/covid_qa_deepset", "squadshifts"  # names on the Hub
ATTRIBUTION = {
    SQUADSHIFTS: (
        "SQuADShifts (John Miller, Karl Krauth, Benjamin Recht, Ludwig Schmidt: The Effect of Natural Distribution Shift on "
        "Question Answering Models, 2020), [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/)"
    ),
    SQUAD2: (
        "SQuAD 2.0 (Pranav Rajpurkar, Robin Jia, Percy Liang: Know What You Don't Know: Unanswerable Questions for SQuAD, 2018), "
        "on passages of Wikipedia, [CC BY-SA 4.0](https://creativecommons.org/licenses/by-sa/4.0/)"
    ),
    COVID: (
        "COVID-QA (Timo Möller, Anthony Reina, Raghavan Jayakumar, Malte Pietsch: COVID-QA: A Question Answering Dataset for "
        "COVID-19, 2020), Apache-2.0, on papers of CORD-19 that are nearly all CC BY"
    ),
}


def source(name):
    """The data set that a file of train/ is from."""
    return SQUADSHIFTS if name in SHIFTS else {"squad2-part": SQUAD2, "covid": COVID}[name]


def lineage(recipe, recipes):
    """The recipes that the weights come from, the first first."""
    return ([] if recipe.start == "base" else lineage(recipes[recipe.start], recipes)) + [recipe]


def sources(recipe, recipes):
    """The data sets that the weights learned from, in the order of ATTRIBUTION."""
    used = {source(name) for r in lineage(recipe, recipes) for stage in r.stages for name in stage.data}
    return [name for name in ATTRIBUTION if name in used]
