"""`mqk simulate`: one seed is one life of a desk, with everything in it that can go wrong.

The real workers call the real doors of a real database, by a virtual clock; a broker with a ledger of its
own stands on the other side. What happens next is drawn from the seed by counting, so that a seed and a
commit are the same life again. docs/simulate.md says what is drawn and who judges.

    chance  numbers out of a seed          venue   the broker and its ledger      link  the way there
    line    the way to the database        world   the scratch database           desk  workers and people
    words   the alphabet of what happens   actions, faults  its words         oracles  who judges
    life    one seed, judged               shrink  a failing one made short   campaign  many
"""
