-- Deploy mqk:replay/places to pg
-- requires: rooms

begin;

set local role mqk_owner;

create table replay.places (
    table_name  text   not null,
    place       text   not null,
    key_columns text[] not null,
    left_out    text[] not null,
    meaning     text   not null,

    constraint places_pkey primary key (table_name),
    constraint places_are_known check (
        place in ('LOG', 'STATE', 'BREATH', 'DESK', 'RULE')),
    constraint places_of_states_say_what_names_a_row check (
        (place = 'STATE') = (cardinality(key_columns) > 0)),
    constraint places_but_states_leave_nothing_out check (
        place = 'STATE' or cardinality(left_out) = 0)
);

insert into replay.places (table_name, place, key_columns, left_out, meaning)
values ('audit.actings', 'LOG', '{}', '{}', 'for whom a login acted; the diary names the person'),
       ('audit.anchors', 'LOG', '{}', '{}', 'signed heads of the chains, kept outside as well'),
       ('audit.chains', 'STATE', '{chain_id}', '{chain_kind, engine_id, root_chain_id, root_seq}',
        'the head of the diary'),
       ('audit.events', 'LOG', '{}', '{}',
        'the diary: what happened, hash-chained; the state is its fold'),
       ('ledger.adjustments', 'STATE', '{adjustment_seq}', '{}', ''),
       ('ledger.entries', 'STATE', '{entry_seq}', '{}', ''),
       ('ledger.equity_points', 'LOG', '{}', '{}',
        'what the market made of the books, seen by the hour'),
       ('ledger.fills', 'STATE', '{fill_seq}', '{}', ''),
       ('ledger.lot_closes', 'STATE', '{symbol, match_no, fill_seq, lot_seq}', '{}', ''),
       ('ledger.lot_splits', 'STATE', '{symbol, match_no, adjustment_seq, lot_seq}', '{}', ''),
       ('ledger.lots', 'STATE', '{symbol, match_no, lot_seq}', '{}', ''),
       ('ledger.portfolios', 'STATE', '{run_id}', '{}', ''),
       ('ledger.positions', 'STATE', '{symbol}', '{}', ''),
       ('ledger.splits', 'STATE', '{symbol, match_no, adjustment_seq}', '{}', ''),
       ('md.forbid_periods', 'LOG', '{}', '{}', 'of the config'),
       ('md.policies', 'LOG', '{}', '{}', 'of the config'),
       ('oms.absence_misses', 'LOG', '{}', '{}', 'look-ups that found nothing'),
       ('oms.absence_proofs', 'LOG', '{}', '{}', 'that the broker has nothing'),
       ('oms.attempts', 'LOG', '{}', '{}', 'what each dispatch saw'),
       ('oms.broker_map', 'LOG', '{}', '{}', 'how the broker calls our orders'),
       ('oms.budgets', 'DESK', '{}', '{}', 'requests of the minute'),
       ('oms.cursors', 'DESK', '{}', '{}', 'how far an account was read'),
       ('oms.deferrals', 'STATE', '{strategy_id, bar_end_at, symbol}', '{}', ''),
       ('oms.inbox', 'STATE', '{inbox_id}',
        '{account_id, broker_order_id, client_order_id, order_id, execution_id, event_qty,
        price_micros, fee_micros, cum_qty, position_qty, total_qty, previous_id, replaces_id,
        replaced_by_id, event_at, raw, received_at, reversal_seq, recount_no}',
        'the message by its hash, and what became of it'),
       ('oms.intents', 'LOG', '{}', '{}', 'what should be traded, and from which numbers'),
       ('oms.order_history', 'STATE', '{order_id, history_seq}', '{}', ''),
       ('oms.order_moves', 'RULE', '{}', '{}', ''),
       ('oms.orders', 'STATE', '{order_id}', '{}', ''),
       ('oms.outbox', 'STATE', '{outbox_id}', '{}', ''),
       ('oms.outbox_history', 'STATE', '{outbox_id, history_seq}', '{}', ''),
       ('oms.outbox_moves', 'RULE', '{}', '{}', ''),
       ('oms.permits', 'LOG', '{}', '{}', 'what was told to a gateway'),
       ('oms.stop_plans', 'BREATH', '{}', '{}', 'when the stops were last looked after'),
       ('ops.operator_actions', 'LOG', '{}', '{}', 'what people asked'),
       ('ops.token_ends', 'LOG', '{}', '{}', 'tokens that ended'),
       ('ops.token_uses', 'LOG', '{}', '{}', 'tokens that were used'),
       ('ops.tokens', 'LOG', '{}', '{}', 'whom tokens were given'),
       ('pager.cursors', 'DESK', '{}', '{}', 'how far the diary was told'),
       ('pager.deliveries', 'DESK', '{}', '{}', 'how it was told'),
       ('pager.notices', 'DESK', '{}', '{}', 'what people were told of the diary'),
       ('pager.rules', 'RULE', '{}', '{}', ''),
       ('recon.broker_statuses', 'RULE', '{}', '{}', ''),
       ('recon.comparisons', 'STATE', '{snapshot_seq}',
        '{document_sha256, books, order_drifts, position_drifts, cash_drifts, other_drifts,
        warning_drifts, unsettled_drifts, info_drifts, drifts_sha256}',
        'result_sha256 is the digest of all of it'),
       ('recon.drift_kinds', 'RULE', '{}', '{}', ''),
       ('recon.drifts', 'LOG', '{}', '{}', 'recon verify computes them again'),
       ('recon.refusals', 'STATE', '{refusal_seq}', '{document}',
        'document_sha256 is the digest of it'),
       ('recon.repairs', 'LOG', '{}', '{}', 'which difference moved which order'),
       ('recon.snapshots', 'LOG', '{}', '{}', 'what the broker held, verbatim'),
       ('recon.tolerances', 'LOG', '{}', '{}', 'of the config'),
       ('risk.day_trader_flags', 'LOG', '{}', '{}', 'of the account'),
       ('risk.decisions', 'STATE', '{intent_id}', '{numbers}', 'inv decides from the numbers again'),
       ('risk.flattens', 'STATE', '{halted_seq}', '{}', ''),
       ('risk.limits', 'STATE', '{run_id}', '{}', ''),
       ('risk.rejects', 'STATE', '{reject_seq}', '{}', ''),
       ('risk.restrictions', 'LOG', '{}', '{}', 'of the whole desk'),
       ('risk.states', 'STATE', '{run_id}', '{evaluated_at}', 'folded from ledger.equity_points'),
       ('run.approvals', 'STATE', '{approved_by, approved_at}', '{}', ''),
       ('run.armings', 'LOG', '{}', '{}', 'what each arming was proven with'),
       ('run.artifacts', 'LOG', '{}', '{}', 'documents of promotions'),
       ('run.configs', 'LOG', '{}', '{}', 'documents, named by their hash in the diary'),
       ('run.engines', 'DESK', '{}', '{}',
        'what engines there are; last_run_seq and mode are of all their runs'),
       ('run.gate_history', 'STATE', '{gate, gate_seq}', '{}', ''),
       ('run.gates', 'STATE', '{gate}', '{observed_at, expires_at, boot_at}',
        'when it was last looked at passes by itself'),
       ('run.heartbeats', 'BREATH', '{}', '{}', 'the last sign of life of a worker'),
       ('run.lease_history', 'STATE', '{worker_kind, lease_epoch}', '{worker_token, prior_ends_at}',
        'the token is the own of one process'),
       ('run.leases', 'BREATH', '{}', '{}', 'until when a leader leads'),
       ('run.live_accounts', 'LOG', '{}', '{}', 'the account that an engine was bound to, for good'),
       ('run.login_scopes', 'LOG', '{}', '{}', 'which engines a login knows of'),
       ('run.run_history', 'STATE', '{history_seq}', '{}', ''),
       ('run.run_moves', 'RULE', '{}', '{}', ''),
       ('run.runs', 'STATE', '{run_id}', '{}', ''),
       ('run.trip_kinds', 'RULE', '{}', '{}', ''),
       ('run.trips', 'STATE', '{trip_seq}', '{}', ''),
       ('run.universe', 'STATE', '{symbol}', '{}', ''),
       ('run.workers', 'STATE', '{worker_kind}', '{}', ''),
       ('strat.assignments', 'LOG', '{}', '{}', 'of the config'),
       ('strat.decisions', 'STATE', '{strategy_id, bar_end_at}', '{}', ''),
       ('strat.strategies', 'DESK', '{}', '{}', 'what strategies there are'),
       ('strat.targets', 'STATE', '{strategy_id, bar_end_at, symbol}', '{}', '');

comment on table replay.places is
    $$Where each table that has to do with a run belongs: LOG (evidence, appended), STATE (folded from the
    diary), BREATH (a sign of life that passes by itself), DESK (of the desk as it stands, and of no one
    run's past), RULE (constant); immutable.$$;
comment on column replay.places.key_columns is $$What names a row within its run.$$;
comment on column replay.places.left_out is $$Columns that the diary does not tell; meaning says why.$$;

commit;
