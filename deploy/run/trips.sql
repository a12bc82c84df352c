-- Deploy mqk:run/trips to pg
-- requires: run/runs

begin;

set local role mqk_owner;

create table run.trip_kinds (
    trip_kind   text    not null,
    is_critical boolean not null,
    meaning     text    not null,

    constraint trip_kinds_pkey primary key (trip_kind)
);

insert into run.trip_kinds (trip_kind, is_critical, meaning)
values ('MANUAL', false, 'a person halted the run'),
       ('WORKER', false, 'a worker met an error that nobody foresaw, or a halt file'),
       ('DEADMAN', false, 'the workers were silent'),
       ('STALE_DATA', false, 'bars are missing, late or in doubt'),
       ('DESYNC', false, 'the broker and the books differ, or a message cannot be believed'),
       ('UNRESOLVED_ORDER', false, 'nobody knows whether the broker has an order'),
       ('SCHEMA', false, 'code, tables, guards or grants are not those that the run was armed on'),
       ('REJECT_STORM', false, 'the broker refused too many orders'),
       ('DAILY_LOSS_LIMIT', false, 'the loss of the session reached its limit'),
       ('MAX_DRAWDOWN', true, 'the fall from the peak reached its limit'),
       ('EQUITY_EXHAUSTED', true, 'nothing is left'),
       ('LIMIT', false, 'a limit of another name'),
       ('LEVERAGE_LIMIT', true, 'the market carried the exposure beyond halt_leverage'),
       ('MISSING_PROTECTIVE_STOP', true, 'a position could not be protected');

create table run.trips (
    run_id        uuid        not null,
    trip_seq      bigint      not null,
    trip_kind     text        not null,
    halted_seq    bigint      not null,
    halted_status text        not null generated always as ('HALTED') stored,
    reason        text        not null,
    evidence      jsonb       not null,
    actor         text        not null,
    tripped_at    timestamptz not null,

    constraint trips_pkey primary key (run_id, trip_seq),
    constraint trips_are_told_once_a_halt unique (run_id, halted_seq, trip_kind, reason),
    constraint trips_kind_is_known foreign key (trip_kind)
        references run.trip_kinds on delete restrict,
    constraint trips_find_or_make_a_halt foreign key (run_id, halted_seq, halted_status)
        references run.run_history (run_id, history_seq, to_status) on delete restrict,
    constraint trips_hold_evidence check (jsonb_typeof(evidence) = 'object' and evidence <> '{}'),
    constraint trips_say_why check (length(reason) between 1 and 500)
);

comment on table run.trip_kinds is $$Kill switches: what halts a run; immutable.$$;
comment on column run.trip_kinds.is_critical is
    $$With risk.flatten_on_critical, the position is closed too.$$;
comment on table run.trips is
    $$Each time a kill switch was pulled, with the numbers it saw; append-only.$$;
comment on column run.trips.halted_seq is
    $$The halt in run.run_history that it made, or found when the run was halted already.$$;

commit;
