-- Deploy mqk:lab/proofs to pg
-- requires: lab/backtests

begin;

set local role mqk_owner;

create table lab.signal_sets (
    backtest_id    uuid        not null,
    signals        integer     not null,
    signals_sha256 text        not null,
    given_by       text        not null,
    given_at       timestamptz not null,

    constraint signal_sets_pkey primary key (backtest_id),
    constraint signal_sets_backtest_id_fkey foreign key (backtest_id)
        references lab.backtests on delete restrict,
    constraint signal_sets_are_counted check (signals >= 0)
);

create table lab.trials (
    backtest_id uuid        not null,
    cut_tick    integer     not null,
    poison      text        not null,
    difference  text,
    tried_by    text        not null,
    tried_at    timestamptz not null,

    constraint trials_pkey primary key (backtest_id, cut_tick, poison),
    constraint trials_backtest_id_fkey foreign key (backtest_id)
        references lab.backtests on delete restrict,
    constraint trials_cut_is_a_tick check (cut_tick > 0),
    constraint trials_poison_is_known check (poison in ('UP', 'DOWN', 'ODD', 'EVEN'))
);

create table lab.proofs (
    backtest_id    uuid        not null,
    strategy_id    text        not null,
    code_sha256    text,
    config_hash    text        not null,
    data_sha256    text        not null,
    cuts           integer     not null,
    seed           integer     not null,
    trials         integer     not null,
    verdict        text        not null,
    violation      text,
    proven_by      text        not null,
    proven_at      timestamptz not null,

    constraint proofs_pkey primary key (backtest_id, cuts, seed),
    constraint proofs_have_one_verdict unique (
        backtest_id, cuts, seed, verdict, code_sha256, config_hash, data_sha256),
    constraint proofs_config_fkey foreign key (backtest_id, config_hash)
        references lab.backtests (backtest_id, config_hash) on delete restrict,
    constraint proofs_code_fkey foreign key (backtest_id, code_sha256)
        references lab.backtests (backtest_id, code_sha256) on delete restrict,
    constraint proofs_verdict_is_known check (verdict in ('CLEAN', 'LOOKAHEAD_VIOLATION')),
    constraint proofs_name_what_they_found check ((verdict = 'CLEAN') = (violation is null)),
    constraint proofs_are_tried check (cuts between 1 and 100 and trials >= 4)
);

create index proofs_config_idx on lab.proofs (backtest_id, config_hash);
create index proofs_code_idx on lab.proofs (backtest_id, code_sha256);

create type lab.trial as (
    equity_micros bigint[],
    fill_ticks    integer[],
    fill_symbols  integer[],
    fill_qtys     bigint[],
    difference    text
);

comment on table lab.signal_sets is
    $$That a strategy outside the database has given its signals of a backtest, and which.$$;
comment on table lab.trials is
    $$A backtest run again with another future after cut_tick: what was different up to that tick; null:
nothing.$$;
comment on table lab.proofs is
    $$Whether a strategy looked ahead: verdict on one backtest, from its trials and the rules of time.$$;
comment on column lab.proofs.code_sha256 is $$The strategy's code, as in its backtest.$$;
comment on type lab.trial is
    $$What a backtest would give: equity a tick, fills; and the first difference to the one it is
a copy of.$$;

commit;
