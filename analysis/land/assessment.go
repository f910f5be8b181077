package land

// Assessment is what the supply assessment says of a part of a parcel as of a
// date. The three-valued facts are what the land bases are made of; Unknown
// stays unknown.
type Assessment struct {
	Class  Class
	Status Status
	Flags  []PartFlag
	Since  Date
	Reason string // key of the texts in data/i18n
	Idle   *Idle

	Approved  Flag // approved_on ≤ D; Unknown where supplied with a blank approved_on
	Supplied  Flag // supplied_on ≤ D; Unknown where the supply date is unknown
	TakenBack bool // taken_back_on ≤ D
	Completed Flag // of land of which something is recorded
	BuiltOn   Flag // completed or in use; Unknown for stock and undetermined land of which nothing is recorded
	// Standing is whether something may stand on the land (built on, under
	// construction, suspended): only there are ancillary figures needed.
	Standing Flag
	// NewIndustry is true of new-industry land (M0): recorded so, or by a local
	// use code. It is industrial, and outside the project caps by default.
	NewIndustry bool
	// Unbuildable is the recorded flag, or rivers and lakes by use code.
	Unbuildable bool
	// Determined is true where the bureau has determined the land idle by D.
	Determined bool
}
