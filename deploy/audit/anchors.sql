-- Deploy mqk:audit/anchors to pg
-- requires: audit/events

begin;

set local role mqk_owner;

create table audit.anchors (
    engine_id   text        not null,
    anchor_no   bigint      not null,
    prior_no    bigint      generated always as (nullif(anchor_no, 1) - 1) stored,
    prev_hash   text        not null,
    chain_id    uuid        not null,
    event_seq   bigint      not null,
    event_hash  text        not null,
    anchored_at timestamptz not null,
    reason      text        not null,
    key_id      text        not null,
    anchor_hash text        not null generated always as (encode(sha256((
        'mqk.anchor.v1' || e'\n' || engine_id || e'\n' || anchor_no::text || e'\n' || prev_hash || e'\n'
        || chain_id::text || e'\n' || event_seq::text || e'\n' || event_hash || e'\n'
        || (extract(epoch from anchored_at at time zone 'UTC') * 1000000)::bigint::text || e'\n'
        || reason || e'\n' || key_id)::bytea), 'hex')) stored,
    signature   text        not null,
    file_name   text        not null,
    actor       text        not null,

    constraint anchors_pkey primary key (engine_id, anchor_no),
    constraint anchors_hash_is_addressable unique (engine_id, anchor_no, anchor_hash),
    constraint anchors_begin_at_one check (
        anchor_no >= 1 and (anchor_no = 1) = (prev_hash = '')),
    constraint anchors_follow_their_predecessor foreign key (engine_id, prior_no, prev_hash)
        references audit.anchors (engine_id, anchor_no, anchor_hash) on delete restrict,
    constraint anchors_hold_an_event foreign key (chain_id, event_seq, event_hash)
        references audit.events (chain_id, event_seq, event_hash) on delete restrict,
    constraint anchors_hold_an_event_once unique (engine_id, chain_id, event_seq),
    constraint anchors_reason_is_known check (
        reason in ('MINUTE', 'ARMED', 'HALTED', 'STOPPED', 'CLOSE', 'ASKED')),
    constraint anchors_are_single_lines check (
        engine_id ~ '^[A-Z0-9_]{2,16}$' and file_name ~ '^[^\n/]{1,128}$'),
    constraint anchors_are_signed check (
        key_id ~ '^[0-9a-f]{64}$' and signature ~ '^[0-9a-f]{128}$')
);

create index anchors_event_idx on audit.anchors (chain_id, event_seq, event_hash);
create index anchors_prior_idx on audit.anchors (engine_id, prior_no, prev_hash)
 where prior_no is not null;

comment on table audit.anchors is
    $$What an engine's anchor worker signed and published: the head of a chain at a time; append-only.$$;
comment on column audit.anchors.engine_id is $$Whose row of anchors; it holds the chain DESK too.$$;
comment on column audit.anchors.prev_hash is $$anchor_hash of the anchor before; '' in the first.$$;
comment on column audit.anchors.reason is
    $$MINUTE: an event stood for a minute; CLOSE: a session has closed; else the event that asked for it.$$;
comment on column audit.anchors.key_id is $$The public key (Ed25519, 32 bytes in hex).$$;
comment on column audit.anchors.anchor_hash is
    $$SHA-256 hex over the text that is signed: its name and nine fields joined by line feeds.$$;
comment on column audit.anchors.signature is
    $$Ed25519 in hex. Postgres cannot check it: the verifiers outside do.$$;
comment on column audit.anchors.file_name is $$The anchor file that had the line before this row was.$$;

commit;
