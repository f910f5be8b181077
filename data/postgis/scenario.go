package postgis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"

	"github.com/muscope/muscope/analysis/expansion"
	"github.com/muscope/muscope/analysis/land"
)

// ErrScenario says that a scenario of that name exists already, or that the
// name is none.
var ErrScenario = errors.New("the scenario can't be saved")

// Scenario is an expansion check that was asked to be kept.
type Scenario struct {
	Snapshot string
	Name     string
	Zone     land.ZoneKey
	By       string
	Made     time.Time
	Document json.RawMessage // an expansion.Document
}

// SaveScenario keeps an expansion check under a name of its snapshot. A name
// that is taken is refused (ErrScenario): nothing is overwritten.
func (s *Store) SaveScenario(ctx context.Context, snapshot, name, by string, doc *expansion.Document) error {
	b, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("save scenario %s: %w", name, err)
	}
	result, err := s.db.ExecContext(ctx, s.query("save_scenario"), snapshot, name, doc.Application.Zone, string(doc.Application.Scope), by, string(b))
	var broken *pq.Error
	if errors.As(err, &broken) && broken.Code.Class() == "23" { // an integrity constraint
		return fmt.Errorf("%w: %q must be 1 to 64 of A-Z, a-z, 0-9, dot, underscore and hyphen, of a snapshot that exists: %w", ErrScenario, name, err)
	}
	if err != nil {
		return fmt.Errorf("save scenario %s: %w", name, err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(fmt.Errorf("%w: %q exists in snapshot %s; choose another name", ErrScenario, name, snapshot), err)
	}
	return nil
}

// Scenarios lists the scenarios of a snapshot by name, of the zones that scope
// allows.
func (s *Store) Scenarios(ctx context.Context, snapshot string, scope Scope) ([]Scenario, error) {
	rows, err := s.db.QueryContext(ctx, s.query("scenarios"), snapshot, pq.Array([]string(scope)))
	if err != nil {
		return nil, fmt.Errorf("read the scenarios of snapshot %s: %w", snapshot, err)
	}
	defer rows.Close()
	var list []Scenario
	for rows.Next() {
		sc := Scenario{Snapshot: snapshot}
		if err := rows.Scan(&sc.Name, &sc.Zone.Code, &sc.Zone.Scope, &sc.By, &sc.Made, &sc.Document); err != nil {
			return nil, fmt.Errorf("read the scenarios of snapshot %s: %w", snapshot, err)
		}
		list = append(list, sc)
	}
	return list, rows.Err()
}
