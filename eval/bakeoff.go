package eval

import "time"

// The modes of evaluation: where the passages that are read come from.
const (
	Oracle    = "oracle"    // each question with the passage that is known to be right
	Retrieved = "retrieved" // the passages that the retriever finds in the corpus
)

// Bakeoff is what a race came to, in the shape that `tryall bakeoff --json` prints and that runs are kept in. Round is that of
// the first mode asked for; Also are those of the others.
type Bakeoff struct {
	Run     string    `json:"run"`
	Created time.Time `json:"created"`
	Spec    Spec      `json:"spec"`
	Round
	Also         []Round       `json:"also,omitempty"`
	Retrieval    *Retrieval    `json:"retrieval,omitempty"`
	Disagreement *Disagreement `json:"disagreement,omitempty"`
	TookSeconds  float64       `json:"took_seconds"`
	// Windows are those that models were run on, and those whose logits were found in the cache.
	Windows WindowCounts `json:"windows"`
}

// WindowCounts tell new work from work that was done before.
type WindowCounts struct {
	Computed int64 `json:"computed"`
	Cached   int64 `json:"cached"`
}

// Spec is all that could change a bake-off's result, and what repeats it.
type Spec struct {
	Version    string            `json:"version"` // of tryall
	Kernel     string            `json:"kernel"`
	Machine    string            `json:"machine"` // operating system, architecture, processors
	Threads    int               `json:"threads"`
	Data       []Source          `json:"data"`
	Corpus     *Source           `json:"corpus,omitempty"`
	Retriever  string            `json:"retriever,omitempty"`
	Passages   int               `json:"passages,omitempty"` // read per question when retrieved
	Models     []string          `json:"models"`             // contestants, full names
	Modes      []string          `json:"modes"`
	Metric     string            `json:"metric"`
	Params     map[string]string `json:"params,omitempty"` // of the decoder, what was set
	Decoder    string            `json:"decoder"`
	Seed       uint64            `json:"seed"`
	Alpha      float64           `json:"alpha"`
	Start      int               `json:"start"` // questions before the first look
	Full       bool              `json:"full"`  // no elimination
	Limit      int               `json:"limit,omitempty"`
	Budget     string            `json:"budget,omitempty"`
	ConfigFile string            `json:"config_file,omitempty"`
}

// Source is a file or a set that was read.
type Source struct {
	Name      string `json:"name"`
	Digest    string `json:"digest"` // "sha256:..."
	Questions int    `json:"questions,omitempty"`
	Documents int    `json:"documents,omitempty"`
	Passages  int    `json:"passages,omitempty"`
}

// Round is the race in one mode.
type Round struct {
	Mode        string       `json:"mode"`
	Seed        uint64       `json:"seed"`
	Decoder     string       `json:"decoder"`
	Metric      string       `json:"metric"`
	Questions   int          `json:"questions"` // labelled questions of the mode
	Answered    int          `json:"answered"`  // predictions made, over all contestants
	Saved       float64      `json:"saved"`     // percent of questions x contestants that the race left out
	Winner      string       `json:"winner"`
	Tied        []string     `json:"tied"`
	Pick        string       `json:"pick,omitempty"` // of the tied, the one that costs least
	Verdict     string       `json:"verdict"`
	Models      []Entrant    `json:"models"` // best first, those that failed last
	Comparisons []Comparison `json:"comparisons"`
	Pareto      []string     `json:"pareto"` // contestants that none beats in quality, latency and memory at once
	Stopped     string       `json:"stopped,omitempty"`
	Warnings    []string     `json:"warnings,omitempty"`
}

// Entrant is one contestant's line.
type Entrant struct {
	Standing
	ID              string             `json:"id"`
	Revision        string             `json:"revision"`
	Precision       string             `json:"precision"`
	License         string             `json:"license,omitempty"`
	SizeBytes       int64              `json:"size_bytes,omitempty"` // of the files
	Eliminated      *Elimination       `json:"eliminated,omitempty"`
	Failed          string             `json:"failed,omitempty"` // why it could not go on
	Metrics         map[string]float64 `json:"metrics"`          // every one of the table that applies
	TokensPerSecond float64            `json:"tokens_per_second,omitempty"`
	Curve           *Selective         `json:"selective,omitempty"`
}

// Elimination says after how many questions a contestant was dropped, and why.
type Elimination struct {
	After  int     `json:"after"`
	By     string  `json:"by"`   // the contestant that it is worse than
	Diff   float64 `json:"diff"` // mean points behind on the questions that both answered
	P      float64 `json:"p"`
	Reason string  `json:"reason"`
}

// Retrieval tells the retriever's losses from the reader's.
type Retrieval struct {
	Retriever string               `json:"retriever"`
	Questions int                  `json:"questions"` // that have an answer and a known right passage or document
	RecallAt  map[string]float64   `json:"recall_at"` // percent of them whose right passage is among the first k
	MRR       float64              `json:"mrr"`       // mean reciprocal rank, 0 to 100
	Models    map[string]Breakdown `json:"models,omitempty"`
}

// Breakdown is where one contestant loses, on the same questions.
type Breakdown struct {
	OracleF1 float64 `json:"oracle_f1"`  // given the right passage
	FoundF1  float64 `json:"found_f1"`   // end to end, on the questions whose right passage was retrieved
	EndF1    float64 `json:"end_to_end"` // end to end, on all
	N        int     `json:"n"`
}

// Disagreement is what can be said of questions without labels.
type Disagreement struct {
	Questions int                `json:"questions"`
	Agreement []PairAgreement    `json:"agreement"`
	Top       []SplitQuestion    `json:"top"` // most disputed first
	Answered  map[string]float64 `json:"answered"`
}

// PairAgreement is the share of questions (percent) that two contestants answer alike (normalised text).
type PairAgreement struct {
	A     string  `json:"a"`
	B     string  `json:"b"`
	Share float64 `json:"share"`
}

// SplitQuestion is a question with the answers that contestants give it.
type SplitQuestion struct {
	ID      string              `json:"id"`
	Text    string              `json:"text"`
	Entropy float64             `json:"entropy"` // bits, of the shares of the answer groups
	Answers map[string][]string `json:"answers"` // answer to contestants
}

// Selective is what thresholds do to one contestant: how many questions it answers and how many of those wrongly.
// Fewer than 50 labels draw no curve: Note says so and the lists are empty.
type Selective struct {
	Note   string           `json:"note,omitempty"`
	Points []SelectivePoint `json:"points,omitempty"` // surest first
	AURC   float64          `json:"aurc"`             // area under the risk-coverage curve, percent
	AUROC  *float64         `json:"auroc,omitempty"`  // of the confidence, right against wrong, percent
	ECE    *float64         `json:"ece,omitempty"`    // percent; only when calibrated
	Brier  *float64         `json:"brier,omitempty"`  // 0 to 1
	Chosen *SelectivePoint  `json:"chosen,omitempty"` // at the threshold that decided
	// Thresholds are the thresholds for wanted error rates, with the interval of the rate that they give.
	Thresholds []RateThreshold `json:"thresholds,omitempty"`
}

// SelectivePoint is one threshold.
type SelectivePoint struct {
	Threshold float64 `json:"threshold"`
	Coverage  float64 `json:"coverage"` // percent answered
	Risk      float64 `json:"risk"`     // percent: mean of 100-F1 over the answered
	Wrong     float64 `json:"wrong"`    // percent of the answered that are not exactly right
}

// RateThreshold is the threshold at which at most a wanted share of the answers is wrong (EM) on these questions. What it will be
// worth on others is told by cross-fitting, document by document: Coverage, Wrong and N.
type RateThreshold struct {
	Wanted    float64 `json:"wanted"` // percent
	Reached   bool    `json:"reached"`
	Threshold float64 `json:"threshold"`
	Coverage  float64 `json:"coverage"`
	Wrong     float64 `json:"wrong"`
	// WrongCI reaches from Wilson's lower limit on these questions, which is too good, to the upper one of the cross-fitted rate; 95 %.
	WrongCI [2]float64 `json:"wrong_ci"`
	N       int        `json:"n"` // answered
}
