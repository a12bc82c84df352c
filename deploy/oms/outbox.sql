-- Deploy mqk:oms/outbox to pg
-- requires: oms/orders
-- requires: run/gates
-- requires: run/leases
-- requires: risk/limits

begin;

set local role mqk_owner;

create table oms.outbox_moves (
    from_status text not null,
    to_status   text not null,

    constraint outbox_moves_pkey primary key (from_status, to_status)
);

insert into oms.outbox_moves (from_status, to_status)
values ('NONE', 'PENDING'), ('PENDING', 'CLAIMED'), ('PENDING', 'FAILED'),
       ('CLAIMED', 'PENDING'), ('CLAIMED', 'DISPATCHING'), ('CLAIMED', 'FAILED'),
       ('DISPATCHING', 'SENT'), ('DISPATCHING', 'FAILED'), ('DISPATCHING', 'AMBIGUOUS'),
       ('DISPATCHING', 'PENDING'), ('SENT', 'FAILED'),
       ('AMBIGUOUS', 'SENT'), ('AMBIGUOUS', 'PENDING'), ('AMBIGUOUS', 'FAILED'),
       ('SENT', 'ACKED');

create table oms.outbox (
    run_id        uuid        not null,
    outbox_id     bigint      not null generated always as identity,
    order_id      uuid        not null,
    request_kind  text        not null,
    lane          text        not null,
    outbox_status text        not null,
    status_seq    bigint      not null,
    claimed_by    text,
    claimed_at    timestamptz,
    stop_price_micros bigint,
    not_before_at    timestamptz,
    expires_at    timestamptz not null,
    enqueued_at   timestamptz not null,

    constraint outbox_pkey primary key (run_id, outbox_id),
    constraint outbox_kind_is_addressable unique (run_id, outbox_id, request_kind, lane),
    constraint outbox_kind_is_known check (request_kind in ('SUBMIT', 'CANCEL', 'REPLACE')),
    constraint outbox_lane_is_known check (
        lane = 'GATED' or lane = 'REDUCING' and request_kind = 'SUBMIT'),
    constraint outbox_replaces_the_stop_price check (
        (request_kind = 'REPLACE') = (stop_price_micros is not null)),
    constraint outbox_order_fkey foreign key (run_id, order_id)
        references oms.orders on delete restrict,
    constraint outbox_status_is_known check (outbox_status in
        ('PENDING', 'CLAIMED', 'DISPATCHING', 'SENT', 'ACKED', 'FAILED', 'AMBIGUOUS')),
    constraint outbox_has_an_owner_while_taken check (
        num_nulls(claimed_by, claimed_at)
        = case when outbox_status in ('CLAIMED', 'DISPATCHING') then 0 else 2 end),
    constraint outbox_expires_after_it_is_enqueued check (expires_at > enqueued_at)
)
with (fillfactor = 70);

create unique index outbox_submits_an_order_once on oms.outbox (run_id, order_id)
 where request_kind = 'SUBMIT';
create unique index outbox_changes_an_order_once_at_a_time on oms.outbox (run_id, order_id)
 where request_kind <> 'SUBMIT'
   and outbox_status in ('PENDING', 'CLAIMED', 'DISPATCHING', 'AMBIGUOUS', 'SENT');
create index outbox_order_idx on oms.outbox (run_id, order_id);
create index outbox_enqueued_idx on oms.outbox (run_id, enqueued_at);
create index outbox_pending_idx on oms.outbox (run_id, outbox_id)
 where outbox_status = 'PENDING';
create index outbox_unresolved_idx on oms.outbox (run_id, outbox_id)
 where outbox_status in ('CLAIMED', 'DISPATCHING', 'AMBIGUOUS');

create table oms.outbox_history (
    run_id      uuid        not null,
    outbox_id   bigint      not null,
    history_seq bigint      not null,
    from_seq    bigint      generated always as (nullif(history_seq, 1) - 1) stored,
    from_status text        not null,
    to_status   text        not null,
    actor       text        not null,
    reason      text        not null,
    moved_at    timestamptz not null,

    constraint outbox_history_pkey primary key (run_id, outbox_id, history_seq),
    constraint outbox_history_status_is_addressable unique (
        run_id, outbox_id, history_seq, to_status),
    constraint outbox_history_outbox_fkey foreign key (run_id, outbox_id)
        references oms.outbox on delete restrict deferrable initially deferred,
    constraint outbox_history_moves_are_legal foreign key (from_status, to_status)
        references oms.outbox_moves on delete restrict,
    constraint outbox_history_follows_itself foreign key (
        run_id, outbox_id, from_seq, from_status)
        references oms.outbox_history (run_id, outbox_id, history_seq, to_status)
        on delete restrict,
    constraint outbox_history_begins_at_none check ((history_seq = 1) = (from_status = 'NONE'))
);

alter table oms.outbox
    add constraint outbox_status_is_the_last_of_its_history
        foreign key (run_id, outbox_id, status_seq, outbox_status)
        references oms.outbox_history (run_id, outbox_id, history_seq, to_status)
        on delete restrict deferrable initially deferred;

create table oms.absence_proofs (
    run_id         uuid        not null,
    outbox_id      bigint      not null,
    attempt_no     integer     not null,
    proof_kind     text        not null,
    misses         integer     not null,
    first_miss_at  timestamptz not null,
    last_miss_at   timestamptz not null,
    evidence       jsonb       not null,
    proven_by      text        not null,
    proven_at      timestamptz not null,

    constraint absence_proofs_pkey primary key (run_id, outbox_id, attempt_no),
    constraint absence_proofs_kind_is_known check (proof_kind in ('LOOKED_UP', 'NOT_TAKEN')),
    constraint absence_proofs_rest_on_three_misses check (proof_kind = 'NOT_TAKEN' or misses >= 3),
    constraint absence_proofs_span_time check (
        proof_kind = 'NOT_TAKEN' or last_miss_at >= first_miss_at + interval '10 s'),
    constraint absence_proofs_hold_the_order_list check (
        proof_kind = 'NOT_TAKEN' or jsonb_typeof(evidence) = 'array'),
    constraint absence_proofs_say_why_nothing_was_taken check (
        proof_kind = 'LOOKED_UP' or jsonb_typeof(evidence) = 'string')
);

create table oms.attempts (
    run_id            uuid        not null,
    outbox_id         bigint      not null,
    attempt_no        integer     not null,
    request_kind      text        not null,
    lane              text        not null,
    prior_no          integer     generated always as (
        case when request_kind = 'SUBMIT' then nullif(attempt_no, 1) - 1 end) stored,
    dispatch_seq      bigint      not null,
    dispatch_status   text        not null generated always as ('DISPATCHING') stored,
    worker_name       text        not null,
    continuity_gate   text        not null generated always as ('CONTINUITY') stored,
    continuity_gate_seq bigint,
    deadman_gate      text        not null generated always as ('DEADMAN') stored,
    deadman_gate_seq  bigint,
    integrity_gate    text        not null generated always as ('INTEGRITY') stored,
    integrity_gate_seq bigint,
    recon_gate        text        not null generated always as ('RECON') stored,
    recon_gate_seq    bigint,
    risk_gate         text        not null generated always as ('RISK') stored,
    risk_gate_seq     bigint,
    gates_were_open   boolean     not null generated always as (true) stored,
    gates_expire_at   timestamptz,
    flatten_seq       bigint,
    order_qty         bigint,
    held_qty          bigint,
    buy_qty           bigint,
    sell_qty          bigint,
    lease_kind        text        not null generated always as ('gateway') stored,
    lease_epoch       bigint      not null,
    lease_expires_at  timestamptz not null,
    armed_epoch       bigint      not null,
    begun_by          text        not null,
    begun_at          timestamptz not null,
    permit_expires_at timestamptz not null,
    wal_lsn           pg_lsn      not null,
    begun_xid         xid8        not null,

    constraint attempts_pkey primary key (run_id, outbox_id, attempt_no),
    constraint attempts_are_begun_by_a_dispatch foreign key (
        run_id, outbox_id, dispatch_seq, dispatch_status)
        references oms.outbox_history (run_id, outbox_id, history_seq, to_status)
        on delete restrict,
    constraint attempts_after_the_first_prove_absence foreign key (run_id, outbox_id, prior_no)
        references oms.absence_proofs on delete restrict,
    constraint attempts_saw_the_continuity_gate_open foreign key (
        run_id, continuity_gate, continuity_gate_seq, gates_were_open)
        references run.gate_history (run_id, gate, gate_seq, is_open) on delete restrict,
    constraint attempts_saw_the_deadman_gate_open foreign key (
        run_id, deadman_gate, deadman_gate_seq, gates_were_open)
        references run.gate_history (run_id, gate, gate_seq, is_open) on delete restrict,
    constraint attempts_saw_the_integrity_gate_open foreign key (
        run_id, integrity_gate, integrity_gate_seq, gates_were_open)
        references run.gate_history (run_id, gate, gate_seq, is_open) on delete restrict,
    constraint attempts_saw_the_recon_gate_open foreign key (
        run_id, recon_gate, recon_gate_seq, gates_were_open)
        references run.gate_history (run_id, gate, gate_seq, is_open) on delete restrict,
    constraint attempts_saw_the_risk_gate_open foreign key (
        run_id, risk_gate, risk_gate_seq, gates_were_open)
        references run.gate_history (run_id, gate, gate_seq, is_open) on delete restrict,
    constraint attempts_kind_fkey foreign key (run_id, outbox_id, request_kind, lane)
        references oms.outbox (run_id, outbox_id, request_kind, lane) on delete restrict,
    constraint attempts_that_submit_saw_every_gate check (
        request_kind <> 'SUBMIT' or lane = 'REDUCING' or num_nulls(
        continuity_gate_seq, deadman_gate_seq, integrity_gate_seq, recon_gate_seq, risk_gate_seq,
        gates_expire_at) = 0),
    constraint attempts_that_reduce_saw_proven_positions check (lane = 'GATED' or num_nulls(
        continuity_gate_seq, recon_gate_seq, gates_expire_at, flatten_seq) = 0),
    constraint attempts_that_reduce_are_asked_for foreign key (run_id, flatten_seq)
        references risk.flattens (run_id, halted_seq) on delete restrict,
    constraint attempts_that_reduce_lower_the_position check (lane = 'GATED' or coalesce(
        held_qty > 0 and order_qty < 0 and sell_qty - order_qty <= held_qty
        or held_qty < 0 and order_qty > 0 and buy_qty + order_qty <= -held_qty, false)),
    constraint attempts_count_what_else_is_open check (least(buy_qty, sell_qty) >= 0),
    constraint attempts_are_begun_by_a_leader foreign key (run_id, lease_kind, lease_epoch)
        references run.lease_history (run_id, worker_kind, lease_epoch) on delete restrict,
    constraint attempts_begin_before_the_lease_expires check (begun_at < lease_expires_at),
    constraint attempts_begin_before_the_gates_expire check (begun_at < gates_expire_at),
    constraint attempts_permit_window_is_short check (
        permit_expires_at > begun_at and permit_expires_at <= begun_at + interval '2 s'),
    constraint attempts_need_an_armed_run check (armed_epoch >= 1)
);

alter table oms.absence_proofs
    add constraint absence_proofs_attempt_fkey foreign key (run_id, outbox_id, attempt_no)
        references oms.attempts on delete restrict;

create index attempts_kind_idx on oms.attempts (run_id, outbox_id, request_kind, lane);

create index attempts_flatten_idx on oms.attempts (run_id, flatten_seq) where flatten_seq is not null;

create table oms.permits (
    run_id       uuid        not null,
    outbox_id    bigint      not null,
    attempt_no   integer     not null,
    permitted_to text        not null,
    permitted_at timestamptz not null,

    constraint permits_pkey primary key (run_id, outbox_id, attempt_no),
    constraint permits_attempt_fkey foreign key (run_id, outbox_id, attempt_no)
        references oms.attempts on delete restrict
);

create table oms.absence_misses (
    run_id       uuid        not null,
    outbox_id    bigint      not null,
    attempt_no   integer     not null,
    miss_no      integer     not null,
    looked_up_by text        not null,
    looked_up_at timestamptz not null,

    constraint absence_misses_pkey primary key (run_id, outbox_id, attempt_no, miss_no),
    constraint absence_misses_attempt_fkey foreign key (run_id, outbox_id, attempt_no)
        references oms.attempts on delete restrict
);

create table oms.broker_map (
    run_id          uuid        not null,
    outbox_id       bigint      not null,
    account_id      text        not null,
    broker_order_id text        not null,
    replaces_id     text,
    sent_seq        bigint      not null,
    sent_status     text        not null generated always as ('SENT') stored,
    mapped_at       timestamptz not null,

    constraint broker_map_pkey primary key (account_id, broker_order_id),
    constraint broker_map_replaces_an_order_once unique (account_id, replaces_id),
    constraint broker_map_replaces_fkey foreign key (account_id, replaces_id)
        references oms.broker_map on delete restrict,
    constraint broker_map_holds_only_what_was_sent foreign key (
        run_id, outbox_id, sent_seq, sent_status)
        references oms.outbox_history (run_id, outbox_id, history_seq, to_status)
        on delete restrict,
    constraint broker_map_id_is_bounded check (length(broker_order_id) between 1 and 64)
);

create unique index broker_map_names_a_submit_once on oms.broker_map (run_id, outbox_id)
 where replaces_id is null;
create index broker_map_sent_idx on oms.broker_map (run_id, outbox_id, sent_seq, sent_status);

comment on table oms.outbox_moves is $$The legal status moves of an outbox row.$$;
comment on table oms.outbox is
    $$Requests that may leave the house. A row here is the only way to reach a broker.$$;
comment on column oms.outbox.lane is
    $$GATED: needs a running run and every gate. REDUCING: planned while halted, closes a position.$$;
comment on column oms.outbox.stop_price_micros is $$The stop price that a replace asks for.$$;
comment on column oms.outbox.not_before_at is
    $$The broker asked for patience: not claimed before then.$$;
comment on column oms.outbox.expires_at is
    $$An order not dispatched by then is failed, never sent late.$$;
comment on table oms.outbox_history is $$Every status move of an outbox row; append-only.$$;
comment on table oms.attempts is
    $$One row a dispatch, written before the network call, with the gates it saw; append-only.$$;
comment on column oms.attempts.wal_lsn is
    $$WAL position of the attempt; no permit is given before it is flushed.$$;
comment on column oms.attempts.held_qty is
    $$Signed shares held as a reducing order was begun; buy_qty, sell_qty: unsigned shares that all other
    unfinished orders of its symbol may still buy and sell.$$;
comment on table oms.permits is
    $$An attempt's order was told to its worker, once; append-only.$$;
comment on table oms.absence_misses is
    $$Look-ups by client_order_id that did not find the order at the broker; append-only.$$;
comment on table oms.absence_proofs is
    $$Evidence that the broker does not hold an attempt's order; a second attempt needs it.$$;
comment on column oms.absence_proofs.proof_kind is
    $$LOOKED_UP: three misses and the order list. NOT_TAKEN: the request never reached the broker.$$;
comment on table oms.broker_map is $$Our orders by the broker's names; never deleted.$$;
comment on column oms.broker_map.replaces_id is
    $$The broker's order in whose place the broker put this one.$$;

commit;
