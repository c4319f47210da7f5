package doctor

// passage is a short text with questions that it answers, each in words that occur in it once, and with some that it does not.
type passage struct {
	text    string
	known   []known
	unknown []string
}

type known struct{ question, answer string }

// passages are made up, so that no model has learned them by heart. The answers are plain to everyone who reads English, and
// have several tokens: where they begin is not where they end.
var passages = []passage{
	{
		text: "The stone bridge at Hallam was built in 1764 by Thomas Wexford, who was a mason. It crosses the river Aire on a length of 82 metres. " +
			"After a flood in June 1921, two of its seven arches had to be replaced. Today it carries only walkers and cyclists.",
		known: []known{
			{"Who built the bridge at Hallam?", "Thomas Wexford"}, {"How long is the bridge?", "82 metres"}, {"When was there a flood?", "June 1921"},
		},
		unknown: []string{"How much did the bridge cost?", "Who painted the portrait of the queen?"},
	},
	{
		text: "Anna Keller was born in Zurich on 14 March 1902. She studied chemistry in Vienna and later taught in Prague. " +
			"In 1934 she joined the Danube Paint Company, where she worked with Peter Novak. She died in Geneva at the age of 81.",
		known: []known{
			{"When was Anna Keller born?", "14 March 1902"}, {"Which company did Anna Keller join?", "Danube Paint Company"}, {"Who worked with Anna Keller?", "Peter Novak"},
		},
		unknown: []string{"What was the name of Anna Keller's husband?"},
	},
	{
		text: "The grey fox lives in forests and feeds on mice, berries and insects. It weighs about five kilograms and can climb trees. " +
			"In early April a female gives birth to four pups. They stay with their mother for ten months.",
		known: []known{
			{"What does the grey fox feed on?", "mice, berries and insects"}, {"How long do the pups stay with their mother?", "ten months"}, {"When does a female give birth?", "early April"},
		},
		unknown: []string{"How fast can the grey fox run?"},
	},
	{
		text: "Orion is a company that makes bicycles. It was founded in New York in 1956 and has 2,300 employees. Its director is Helen Park. " +
			"In 2011 it moved its factory to Mexico, because wages were lower there.",
		known: []known{
			{"Who is the director of Orion?", "Helen Park"}, {"How many employees does Orion have?", "2,300"}, {"Where was Orion founded?", "New York"},
		},
		unknown: []string{"Which university did the director attend?", "What is the capital of Australia?"},
	},
}
