-- Deploy mqk:oms/inbox to pg
-- requires: oms/outbox
-- requires: ledger/books

begin;

set local role mqk_owner;

create table oms.inbox (
    run_id            uuid        not null,
    inbox_id          bigint      not null generated always as identity,
    account_id        text        not null,
    broker_message_id text        not null,
    event_kind        text        not null,
    broker_order_id   text,
    client_order_id   text,
    order_id          uuid,
    execution_id      text,
    event_qty         bigint,
    price_micros      bigint,
    fee_micros        bigint,
    cum_qty           bigint,
    position_qty      bigint,
    total_qty         bigint,
    previous_id       text,
    replaces_id       text,
    replaced_by_id    text,
    event_at          timestamptz,
    raw               jsonb       not null,
    raw_sha256        text        not null generated always as
        (encode(sha256(replace(raw::text, '\', '\\')::bytea), 'hex')) stored,
    received_at       timestamptz not null,
    disposition       text        not null,
    reason            text        not null,
    fill_seq          bigint,
    reversal_seq      bigint,
    recount_no        bigint      not null,
    fill_key          text        generated always as
        (case when fill_seq is not null then execution_id end) stored,
    cum_key           bigint      generated always as
        (case when fill_seq is not null then cum_qty end) stored,

    constraint inbox_pkey primary key (run_id, inbox_id),
    constraint inbox_takes_a_message_once unique (account_id, broker_message_id),
    constraint inbox_books_an_execution_once unique (account_id, fill_key),
    constraint inbox_books_a_cumulative_qty_once unique (
        account_id, broker_order_id, recount_no, cum_key),
    constraint inbox_run_id_fkey foreign key (run_id) references run.runs on delete restrict,
    constraint inbox_order_fkey foreign key (run_id, order_id)
        references oms.orders on delete restrict,
    constraint inbox_fill_fkey foreign key (run_id, fill_seq)
        references ledger.fills on delete restrict,
    constraint inbox_reversal_fkey foreign key (run_id, reversal_seq)
        references ledger.fills on delete restrict,
    constraint inbox_reverses_once unique (run_id, reversal_seq),
    constraint inbox_disposition_is_known check (
        disposition in ('APPLIED', 'DUPLICATE', 'STALE', 'NOTED', 'QUARANTINED')),
    constraint inbox_fill_is_applied check (fill_seq is null or (
        disposition in ('APPLIED', 'NOTED') and num_nulls(execution_id, cum_qty, order_id) = 0)),
    constraint inbox_message_is_bounded check (
        length(broker_message_id) between 1 and 200 and pg_column_size(raw) < 65536)
);

create index inbox_order_idx on oms.inbox (run_id, order_id);
create index inbox_fill_idx on oms.inbox (run_id, fill_seq);
create index inbox_previous_idx on oms.inbox (run_id, previous_id) where previous_id is not null;
create index inbox_quarantine_idx on oms.inbox (run_id, inbox_id)
 where disposition = 'QUARANTINED';

create table oms.cursors (
    account_id  text        not null,
    cursor_text text        not null,
    moved_at    timestamptz not null,

    constraint cursors_pkey primary key (account_id)
)
with (fillfactor = 70);

comment on table oms.inbox is
    $$Every message of the broker, kept raw, with what became of it; append-only.$$;
comment on column oms.inbox.raw_sha256 is $$Of raw as text; the diary has it, too.$$;
comment on column oms.inbox.event_qty is $$Unsigned shares of this event.$$;
comment on column oms.inbox.total_qty is $$Unsigned total of the order as this message has it.$$;
comment on column oms.inbox.position_qty is $$Signed shares that the broker holds after it.$$;
comment on column oms.inbox.previous_id is $$The execution that is busted or corrected.$$;
comment on column oms.inbox.recount_no is
    $$Busts and corrections of the order before it, by the broker's time: each starts its count anew.$$;
comment on column oms.inbox.fill_key is $$First dedupe key: the execution, once booked.$$;
comment on column oms.inbox.cum_key is $$Second dedupe key: the order's filled total, once booked.$$;
comment on table oms.cursors is
    $$How far an account's events were read; moves in the transaction that stores them.$$;

commit;
