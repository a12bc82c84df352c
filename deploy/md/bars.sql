-- Deploy mqk:md/bars to pg
-- requires: run/runs

begin;

set local role mqk_owner;

create table md.raws (
    raw_sha256   text        not null generated always as (encode(sha256(body), 'hex')) stored,
    feed         text        not null,
    request      jsonb       not null,
    content_type text        not null,
    body         bytea       not null,
    fetched_by   text        not null,
    fetched_at   timestamptz not null,

    constraint raws_pkey primary key (raw_sha256),
    constraint raws_feed_is_a_name check (feed ~ '^[a-z][a-z0-9_]{1,39}$'),
    constraint raws_request_is_an_object check (jsonb_typeof(request) = 'object'),
    constraint raws_are_bounded check (octet_length(body) <= 67108864)
);

alter table md.raws alter column body set storage external;

create table md.ingests (
    ingest_id     uuid        not null,
    feed          text        not null,
    is_second     boolean     not null,
    normaliser    text        not null,
    rows_sha256   text        not null,
    timeframe     text        not null,
    policy        text        not null,
    rows_read     bigint      not null,
    rows_stored   bigint      not null,
    rows_known    bigint      not null,
    rows_skipped  bigint      not null,
    rows_rejected bigint      not null,
    gate_result   text        not null generated always as (
        case when rows_rejected > 0 then 'PARTLY' else 'CLEAN' end) stored,
    skipped       jsonb       not null,
    ingested_by   text        not null,
    ingested_at   timestamptz not null,

    constraint ingests_pkey primary key (ingest_id),
    constraint ingests_feed_is_a_name check (feed ~ '^[a-z][a-z0-9_]{1,39}$'),
    constraint ingests_normaliser_has_a_version check (normaliser ~ '^[a-z][a-z0-9_]*[.]v[1-9][0-9]*$'),
    constraint ingests_policy_is_known check (policy in ('REFUSE', 'KEEP_GOOD')),
    constraint ingests_that_refuse_are_clean check (policy = 'KEEP_GOOD' or rows_rejected = 0),
    constraint ingests_hash_is_sha256 check (rows_sha256 ~ '^[0-9a-f]{64}$'),
    constraint ingests_timeframe_fkey foreign key (timeframe)
        references ref.timeframes on delete restrict,
    constraint ingests_account_for_every_row check (
        rows_read = rows_stored + rows_known + rows_skipped + rows_rejected
        and least(rows_stored, rows_known, rows_skipped, rows_rejected) >= 0)
);

create table md.sources (
    ingest_id  uuid    not null,
    source_no  integer not null,
    raw_sha256 text    not null,

    constraint sources_pkey primary key (ingest_id, source_no),
    constraint sources_ingest_id_fkey foreign key (ingest_id)
        references md.ingests on delete restrict,
    constraint sources_raw_sha256_fkey foreign key (raw_sha256)
        references md.raws on delete restrict,
    constraint sources_are_counted_from_one check (source_no >= 1)
);

create index sources_raw_idx on md.sources (raw_sha256);

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
    constraint bars_timeframe_is_known check (timeframe in ('1m', '5m', '15m', '1H', '1D')),
    constraint bars_prices_are_positive check (low_micros > 0),
    constraint bars_prices_are_bounded check (high_micros <= 10000000000000),
    constraint bars_low_is_lowest check (low_micros <= least(open_micros, close_micros)),
    constraint bars_high_is_highest check (high_micros >= greatest(open_micros, close_micros)),
    constraint bars_volume_is_not_negative check (volume >= 0)
);

create index bars_ingest_idx on md.bars (ingest_id);
create unique index one_daily_bar_per_session on md.bars (symbol, session_on)
 where timeframe = '1D';

create table md.observations (
    feed         text        not null,
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

    constraint observations_pkey primary key (symbol, timeframe, bar_end_at, feed),
    constraint observations_symbol_fkey foreign key (symbol)
        references ref.instruments on delete restrict,
    constraint observations_ingest_id_fkey foreign key (ingest_id)
        references md.ingests on delete restrict,
    constraint observations_are_sane check (
        low_micros > 0 and low_micros <= least(open_micros, close_micros)
        and high_micros >= greatest(open_micros, close_micros)
        and high_micros <= 10000000000000 and volume >= 0)
);

create index observations_ingest_idx on md.observations (ingest_id);

create table md.conflicts (
    ingest_id    uuid        not null,
    line_no      bigint      not null,
    symbol       text        not null,
    timeframe    text        not null,
    bar_end_at   timestamptz not null,
    open_micros  bigint      not null,
    high_micros  bigint      not null,
    low_micros   bigint      not null,
    close_micros bigint      not null,
    volume       bigint      not null,
    found_at     timestamptz not null,

    constraint conflicts_pkey primary key (ingest_id, line_no),
    constraint conflicts_are_found_once unique (
        symbol, timeframe, bar_end_at, open_micros, high_micros, low_micros, close_micros, volume),
    constraint conflicts_finding_fkey foreign key (ingest_id, line_no)
        references md.findings on delete restrict,
    constraint conflicts_bar_fkey foreign key (symbol, timeframe, bar_end_at)
        references md.bars on delete restrict
);

create table md.feed_marks (
    feed            text        not null,
    symbol          text        not null,
    timeframe       text        not null,
    last_bar_end_at timestamptz not null,
    heard_at        timestamptz not null,

    constraint feed_marks_pkey primary key (feed, symbol, timeframe),
    constraint feed_marks_symbol_fkey foreign key (symbol)
        references ref.instruments on delete restrict,
    constraint feed_marks_timeframe_fkey foreign key (timeframe)
        references ref.timeframes on delete restrict,
    constraint feed_marks_are_of_the_past check (last_bar_end_at <= heard_at)
)
with (fillfactor = 70);

create index feed_marks_symbol_idx on md.feed_marks (symbol);

create table md.forbid_periods (
    run_id    uuid   not null,
    period_no bigint not null,
    symbol    text   not null,
    from_on   date   not null,
    to_on     date   not null,

    constraint forbid_periods_pkey primary key (run_id, period_no),
    constraint forbid_periods_symbol_is_in_the_universe foreign key (run_id, symbol)
        references run.universe on delete restrict,
    constraint forbid_periods_do_not_end_before_they_begin check (from_on <= to_on)
);

create index forbid_periods_universe_idx on md.forbid_periods (run_id, symbol);

create table md.policies (
    run_id              uuid    not null,
    timeframe           text    not null,
    feed                text    not null,
    second_feed         text,
    stale_after_ms      bigint  not null,
    gap_window_bars     integer not null,
    gap_tolerance_bars  integer not null,
    disagreement_bps    integer not null,
    outlier_bps         integer not null,
    stale_policy        text    not null,
    disagreement_policy text    not null,
    conflict_policy     text    not null,
    outlier_policy      text    not null,

    constraint policies_pkey primary key (run_id),
    constraint policies_run_id_fkey foreign key (run_id) references run.runs on delete restrict,
    constraint policies_timeframe_fkey foreign key (timeframe)
        references ref.timeframes on delete restrict,
    constraint policies_stale_after_is_bounded check (stale_after_ms between 1 and 86400000),
    constraint policies_feeds_have_names check (
        feed ~ '^[a-z][a-z0-9_]{1,39}$' and second_feed ~ '^[a-z][a-z0-9_]{1,39}$'),
    constraint policies_a_second_opinion_is_of_another_feed check (second_feed <> feed),
    constraint policies_gap_window_is_bounded check (gap_window_bars between 1 and 1000),
    constraint policies_gap_tolerance_is_within_the_window check (
        gap_tolerance_bars >= 0 and gap_tolerance_bars < gap_window_bars),
    constraint policies_disagreement_is_bounded check (disagreement_bps between 0 and 10000),
    constraint policies_outlier_is_bounded check (outlier_bps between 1 and 1000000),
    constraint policies_are_known check (
        stale_policy in ('DISARM', 'IGNORE') and disagreement_policy in ('HALT_NEW', 'IGNORE')
        and conflict_policy in ('HALT_NEW', 'IGNORE') and outlier_policy in ('HALT_NEW', 'IGNORE'))
);

create type md.told_bar as (
    line_no     text,
    symbol      text,
    timeframe   text,
    session_on  text,
    starts_at   text,
    ends_at     text,
    open        text,
    high        text,
    low         text,
    close       text,
    volume      text,
    is_complete text,
    is_whole    boolean,
    told        text
);

create type md.judged_bar as (
    line_no      bigint,
    symbol       text,
    session_on   date,
    bar_end_at   timestamptz,
    open_micros  bigint,
    high_micros  bigint,
    low_micros   bigint,
    close_micros bigint,
    volume       bigint,
    verdict      text,
    detail       text
);

comment on type md.told_bar is $$A row of a batch as the feed told it.$$;
comment on column md.told_bar.told is $$What a person is shown of it.$$;
comment on column md.told_bar.is_whole is $$It has as many fields as its batch has columns.$$;
comment on type md.judged_bar is $$A row of a batch in types, and what becomes of it.$$;
comment on table md.forbid_periods is
    $$Sessions, both ends included, in which a run takes no new risk in a symbol; pinned at creation.$$;
comment on table md.policies is
    $$A run's timeframe and feeds, how late, incomplete or strange its bars may be, and what is done about
it; pinned at creation.$$;
comment on column md.policies.second_feed is
    $$The feed whose bars are compared with the stored ones; null: none.$$;
comment on column md.policies.gap_tolerance_bars is
    $$How many of the last gap_window_bars slots may lack their bar, for each symbol.$$;
comment on column md.policies.disagreement_bps is
    $$How far high, low or close of the second feed may be off, in basis points of the stored price.$$;
comment on column md.policies.outlier_bps is
    $$How far a close may be from the close before it, in basis points of the latter.$$;
comment on column md.policies.stale_policy is
    $$DISARM, HALT_NEW: gate INTEGRITY shuts, which halts and disarms. IGNORE: it is only told.$$;
comment on table md.raws is
    $$What a feed answered, byte for byte, kept before anything is read out of it. Never changes.$$;
comment on column md.raws.request is $$What was asked for; never a key.$$;
comment on table md.ingests is $$One accepted batch of bars: where it came from and what became of it.$$;
comment on column md.ingests.is_second is
    $$The rows are a second opinion: they are kept as observations and never become bars.$$;
comment on column md.ingests.normaliser is
    $$Name and version of the function that read the rows out of the raw answers.$$;
comment on column md.ingests.rows_sha256 is $$Of the rows as text, as they came to the database.$$;
comment on column md.ingests.skipped is
    $$How many rows were nobody's fault and nobody's bar: {INCOMPLETE, OUT_OF_SESSION, DUPLICATE}.$$;
comment on table md.sources is $$The raw answers that an ingest was read from.$$;
comment on table md.findings is $$Rows of a batch that were not stored, and the law they broke.$$;
comment on column md.findings.symbol is $$As the source spells it; may be unknown to us.$$;
comment on column md.findings.line_no is $$Line in the source, header counted as line 1.$$;
comment on table md.bars is $$Closed bars, raw prices in micros. A stored bar never changes.$$;
comment on column md.bars.bar_end_at is $$UTC instant at which the bar was closed and could be known.$$;
comment on table md.observations is
    $$Closed bars as a second feed saw them; compared with ours, never traded on.$$;
comment on table md.conflicts is
    $$Other values that came for a stored bar: both are kept, the stored one stays.$$;
comment on table md.feed_marks is $$How far each feed has come, and when it was heard last.$$;

commit;
