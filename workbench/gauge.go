package workbench

import (
	"time"

	"github.com/tryall/tryall/qa"
)

// Gauging is an order to measure one contestant. It is carried out in a process of its own, so that contestants do not share
// memory, and one that is killed for want of it takes nobody along.
type Gauging struct {
	Model     string        `json:"model"` // as named
	Precision string        `json:"precision"`
	Params    Params        `json:"params"`
	Tasks     []qa.Task     `json:"tasks"`
	Budget    time.Duration `json:"budget_ns"`
}
