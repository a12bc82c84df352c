-- Deploy mqk:md/quality to pg
-- requires: md/bars

begin;

set local role mqk_owner;

create table md.rulings (
    symbol     text        not null,
    timeframe  text        not null,
    bar_end_at timestamptz not null,
    defect     text        not null,
    ruled_at   timestamptz not null,
    ruled_by   text        not null,
    reason     text        not null,

    constraint rulings_pkey primary key (symbol, timeframe, bar_end_at, defect, ruled_at),
    constraint rulings_bar_fkey foreign key (symbol, timeframe, bar_end_at)
        references md.bars on delete restrict,
    constraint rulings_defect_is_for_a_person check (
        defect in ('CONFLICT', 'DISAGREEMENT', 'OUTLIER')),
    constraint rulings_say_why check (length(reason) between 1 and 500)
);

create table md.formings (
    feed       text        not null,
    symbol     text        not null,
    timeframe  text        not null,
    bar_end_at timestamptz not null,
    heard_at   timestamptz not null,

    constraint formings_pkey primary key (symbol, timeframe, feed),
    constraint formings_symbol_fkey foreign key (symbol)
        references ref.instruments on delete restrict,
    constraint formings_timeframe_fkey foreign key (timeframe)
        references ref.timeframes on delete restrict
)
with (fillfactor = 70);

create table md.coverages (
    ingest_id        uuid        not null,
    symbol           text        not null,
    verdicts         jsonb       not null,
    out_of_order     bigint      not null,
    zero_volumes     bigint      not null,
    first_bar_end_at timestamptz,
    last_bar_end_at  timestamptz,

    constraint coverages_pkey primary key (ingest_id, symbol),
    constraint coverages_ingest_id_fkey foreign key (ingest_id)
        references md.ingests on delete restrict,
    constraint coverages_count_something check (jsonb_typeof(verdicts) = 'object' and verdicts <> '{}'),
    constraint coverages_counts_are_not_negative check (least(out_of_order, zero_volumes) >= 0),
    constraint coverages_begin_before_they_end check (
        (first_bar_end_at is null) = (last_bar_end_at is null) and first_bar_end_at <= last_bar_end_at)
);

comment on table md.rulings is
    $$A person's word that a stored bar stands, against other values or in spite of a jump; append-only.
It settles what was known of the bar at ruled_at, nothing that comes later.$$;
comment on table md.formings is
    $$The bar that each feed called unfinished when it was heard last.$$;
comment on table md.coverages is
    $$What became of the rows of each symbol in an ingest: what its report is built from. Never changes.$$;
comment on column md.coverages.symbol is $$As the source spells it; empty where it named none.$$;
comment on column md.coverages.verdicts is $$How many rows met each verdict: {NEW, KNOWN, CONFLICT, ...}.$$;
comment on column md.coverages.out_of_order is
    $$Good rows that came, by line, after a row of a later bar.$$;
comment on column md.coverages.zero_volumes is $$Good rows without volume.$$;
comment on column md.coverages.first_bar_end_at is $$End of the earliest good bar; null: there was none.$$;

commit;
