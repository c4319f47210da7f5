package hub

import "strings"

// Abstains tells whether a model was trained to say that a text holds no answer.
type Abstains string

// The three answers.
const (
	AbstainsYes     Abstains = "yes"
	AbstainsNo      Abstains = "no"
	AbstainsUnknown Abstains = "unknown"
)

// abstaining are data sets with questions that their text does not answer, marked as such; the owner
// before the slash does not matter, nor do - and _.
var abstaining = []string{
	"squad_v2", "squad2", "squadv2", "squad_v2_sv", "squad_nl_v2.0", "fquad2", "uit_viquad2.0",
	"quac", "cuad", "cuad_qa", "duorc", "klue", "pquad", "persian_qa",
}

// answering are data sets whose questions all have an answer in their text.
var answering = []string{
	"squad", "squad_v1", "squad_v1.1", "squad1", "squadv1", "squad_it", "squad_v1_pt", "squad_kor_v1", "squad_kor_v2",
	"adversarial_qa", "adversarialqa", "synqa", "squadshifts", "squad_adversarial", "xquad", "mlqa", "germanquad", "fquad", "piaf",
	"sberquad", "cmrc2018", "drcd", "jaquad", "arcd", "thaiqa_squad", "iapp_wiki_qa_squad", "covid_qa_deepset",
	"trivia_qa", "triviaqa", "hotpot_qa", "hotpotqa", "search_qa", "searchqa", "mrqa",
}

// JudgeAbstains tells whether a model abstains, by the data sets of its card, else by its name, and
// why it says so. A set with unanswerable questions decides alone, for models are often trained on
// several; the name decides before sets that all have answers, because cards list SQuAD for both.
func JudgeAbstains(id string, datasets []string) (Abstains, string) {
	answerable := ""
	for _, d := range datasets {
		name := canonical(d)
		for _, known := range abstaining {
			if name == known {
				return AbstainsYes, "trained on " + d
			}
		}
		for _, known := range answering {
			if name == known && answerable == "" {
				answerable = d
			}
		}
	}
	name := canonical(id)
	for _, mark := range []string{"squad2", "squad_v2", "squadv2", "squad_2", "squad.v2"} {
		if strings.Contains(name, mark) {
			return AbstainsYes, "by its name"
		}
	}
	if answerable != "" {
		return AbstainsNo, "trained on " + answerable
	}
	for _, mark := range []string{"squad1", "squad_v1", "squadv1"} {
		if strings.Contains(name, mark) {
			return AbstainsNo, "by its name"
		}
	}
	return AbstainsUnknown, "its card names no data set that tells"
}

// canonical is the name without its owner, in lower case, with _ for -.
func canonical(name string) string {
	return strings.ReplaceAll(strings.ToLower(name[strings.LastIndexByte(name, '/')+1:]), "-", "_")
}
