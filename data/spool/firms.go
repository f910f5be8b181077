package spool

import (
	"fmt"
	"slices"

	"github.com/muscope/muscope/analysis/land"
)

// A firm's money is shared out over all its land, so every parcel of a firm has
// to see the firm's rows on its other parcels. Rows of firms are spooled by
// firm too; of those on several parcels each row is handed to all of them.

// elsewhereRow marks a row that speaks of another parcel of the same firm.
const elsewhereRow = 0x80

// maxFirmParcels is on how many parcels one firm may be in a year: each has to
// see all of them.
const maxFirmParcels = 1000

// firm spools a row, which stands in the buffer behind its name, by its firm.
func (w *tableWriter) firm(f *land.Firm) error {
	name := fmt.Sprintf("%s\x00%d", f.USCC, f.Year)
	row := w.buf[len(appendText(nil, w.codec.name(f))):]
	record := append(appendText(appendText(nil, name), f.Parcel), row...)
	return w.firms.add(bucketOf(w.tables.seed, name), w.n, record)
}

// firmRow is a row of a firm.
type firmRow struct {
	parcel string
	row    []byte
}

// spreadFirms hands the rows of firms on several parcels to all of these, a
// bucket at a time.
func (t *tables) spreadFirms() error {
	groups, err := t.firms.groups()
	if err != nil || len(groups) == 0 {
		return err
	}
	out, n := t.rows.writer(), t.count
	for _, bucket := range groups {
		firms := map[string][]firmRow{}
		err := t.firms.read([]int32{bucket}, func(_ int32, _ int64, payload []byte) error {
			r := reader{b: payload, text: string(payload)}
			name, parcel := r.string(), r.string()
			if r.bad {
				return fmt.Errorf("%w of a firm", errRecord)
			}
			firms[name] = append(firms[name], firmRow{parcel, slices.Clone(r.b)})
			return nil
		})
		if err != nil {
			return err
		}
		for _, rows := range firms {
			if n, err = t.spread(out, n, rows); err != nil {
				return err
			}
		}
	}
	return out.close()
}

// spread hands the rows of one firm and year on. The order of the copies is of
// no matter: records are sorted.
func (t *tables) spread(out *runWriter, n int64, rows []firmRow) (int64, error) {
	var parcels []string
	for _, r := range rows {
		parcels = append(parcels, r.parcel)
	}
	slices.Sort(parcels)
	if parcels = slices.Compact(parcels); len(parcels) > maxFirmParcels {
		return n, fmt.Errorf("the table of firms puts one firm on %d parcels in a year, %s among them; at most %d are taken: check its code",
			len(parcels), parcels[0], maxFirmParcels)
	}
	for _, parcel := range parcels {
		for _, r := range rows {
			if r.parcel == parcel {
				continue
			}
			n++
			name := "p" + parcel
			record := append(appendText(nil, name), r.row...)
			record[len(record)-len(r.row)] |= elsewhereRow
			if err := out.add(bucketOf(t.seed, name), n, record); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}
