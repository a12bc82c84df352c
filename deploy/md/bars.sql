-- Deploy mqk:md/bars to pg
-- requires: run/runs

begin;

set local role mqk_owner;

create table md.ingests (
    ingest_id     uuid        not null,
    source        text        not null,
    source_sha256 text        not null,
    timeframe     text        not null,
    rows_read     bigint      not null,
    rows_stored   bigint      not null,
    rows_known    bigint      not null,
    rows_rejected bigint      not null,
    ingested_by   text        not null,
    ingested_at   timestamptz not null,

    constraint ingests_pkey primary key (ingest_id),
    constraint ingests_hash_is_sha256 check (source_sha256 ~ '^[0-9a-f]{64}$'),
    constraint ingests_timeframe_is_known check (timeframe in ('1D')),
    constraint ingests_account_for_every_row check (
        rows_read = rows_stored + rows_known + rows_rejected
        and least(rows_stored, rows_known, rows_rejected) >= 0)
);

create table md.findings (
    ingest_id uuid   not null,
    line_no   bigint not null,
    symbol    text,
    finding   text   not null,
    detail    text   not null,

    constraint findings_pkey primary key (ingest_id, line_no),
    constraint findings_ingest_id_fkey foreign key (ingest_id)
        references md.ingests on delete restrict
);

create table md.bars (
    symbol       text        not null,
    timeframe    text        not null,
    bar_end_at   timestamptz not null,
    session_on   date        not null,
    open_micros  bigint      not null,
    high_micros  bigint      not null,
    low_micros   bigint      not null,
    close_micros bigint      not null,
    volume       bigint      not null,
    ingest_id    uuid        not null,

    constraint bars_pkey primary key (symbol, timeframe, bar_end_at),
    constraint bars_symbol_fkey foreign key (symbol)
        references ref.instruments on delete restrict,
    constraint bars_ingest_id_fkey foreign key (ingest_id)
        references md.ingests on delete restrict,
    constraint bars_timeframe_is_known check (timeframe in ('1D')),
    constraint bars_prices_are_positive check (low_micros > 0),
    constraint bars_prices_are_bounded check (high_micros <= 10000000000000),
    constraint bars_low_is_lowest check (low_micros <= least(open_micros, close_micros)),
    constraint bars_high_is_highest check (high_micros >= greatest(open_micros, close_micros)),
    constraint bars_volume_is_not_negative check (volume >= 0)
);

create index bars_ingest_idx on md.bars (ingest_id);
create unique index one_daily_bar_per_session on md.bars (symbol, session_on)
 where timeframe = '1D';

create table md.policies (
    run_id          uuid    not null,
    stale_after_ms  bigint  not null,
    gap_window_bars integer not null,

    constraint policies_pkey primary key (run_id),
    constraint policies_run_id_fkey foreign key (run_id) references run.runs on delete restrict,
    constraint policies_stale_after_is_bounded check (stale_after_ms between 1 and 86400000),
    constraint policies_gap_window_is_bounded check (gap_window_bars between 1 and 1000)
);

comment on table md.policies is $$How late or incomplete a run's bars may be, pinned at creation.$$;
comment on table md.ingests is $$One accepted batch of bars: where it came from and what became of it.$$;
comment on table md.findings is $$Rows of a batch that were not stored, and the law they broke.$$;
comment on column md.findings.symbol is $$As the source spells it; may be unknown to us.$$;
comment on column md.findings.line_no is $$Line in the source, header counted as line 1.$$;
comment on table md.bars is $$Closed bars, raw prices in micros. A stored bar never changes.$$;
comment on column md.bars.bar_end_at is $$UTC instant at which the bar was closed and could be known.$$;

commit;
