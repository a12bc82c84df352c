\ir ../_setup.sql
begin;
select plan(5);

-- History: rows come, and neither change nor go.
create temp table history (name regclass);
insert into history
values ('audit.events'), ('run.run_history'), ('run.gate_history'), ('run.configs'),
       ('run.trip_kinds'), ('run.trips'), ('risk.restrictions'), ('risk.day_trader_flags'),
       ('run.universe'), ('run.approvals'), ('run.armings'), ('run.artifacts'),
       ('lab.datasets'), ('lab.packs'), ('lab.derivations'),
       ('lab.studies'), ('lab.steps'), ('lab.results'), ('lab.outcomes'),
       ('lab.parities'), ('lab.rehearsals'), ('lab.promotions'), ('lab.orders'),
       ('lab.denials'), ('lab.moved_stops'), ('lab.flows'), ('lab.fills'), ('lab.closes'), ('lab.curves'),
       ('lab.splits'), ('lab.adjustments'),
       ('run.live_accounts'),
       ('run.live_accounts'),
       ('run.lease_history'), ('md.bars'), ('md.findings'), ('md.raws'),
       ('md.ingests'), ('md.sources'), ('md.observations'), ('md.conflicts'), ('md.rulings'),
       ('md.coverages'), ('ref.timeframes'),
       ('ledger.fills'), ('ledger.adjustments'), ('ledger.splits'), ('ledger.lot_splits'),
       ('md.corporate_actions'), ('md.cleared_jumps'), ('md.forbid_periods'), ('md.policies'),
       ('replay.places'),
       ('ledger.entries'), ('ledger.lot_closes'), ('ledger.equity_points'), ('strat.decisions'),
       ('strat.targets'), ('strat.assignments'), ('risk.limits'), ('risk.decisions'),
       ('risk.rejects'), ('sim.events'), ('oms.intents'), ('oms.order_history'),
       ('oms.outbox_history'), ('oms.attempts'), ('oms.permits'), ('oms.absence_misses'),
       ('oms.absence_proofs'), ('oms.broker_map'), ('oms.inbox'), ('recon.snapshots'),
       ('recon.refusals'), ('recon.comparisons'), ('recon.drifts'), ('recon.repairs'),
       ('recon.tolerances'), ('ops.operator_actions'), ('ops.tokens'), ('ops.token_ends'),
       ('ops.token_uses'), ('audit.actings'), ('audit.anchors'),
       ('run.login_scopes'), ('ref.exchanges'), ('ref.amendments'), ('ref.instruments'),
       ('ref.listings'), ('ref.classifications'), ('oms.order_moves'), ('oms.outbox_moves'),
       ('run.run_moves'), ('recon.drift_kinds'), ('recon.broker_statuses'),
       ('lab.signal_sets'), ('lab.trials'), ('lab.proofs'), ('lab.sweeps');

-- Evidence: rows may change, within their constraints, but never go.
create temp table evidence (name regclass);
insert into evidence
values ('audit.chains'), ('run.runs'),
       ('run.leases'), ('ledger.lots'), ('ledger.positions'),
       ('ledger.portfolios'), ('risk.states'),
       ('oms.orders'), ('oms.outbox'), ('risk.flattens'), ('pager.notices'), ('pager.deliveries'),
       ('lab.sweep_jobs'), ('lab.backtests');

-- One row a table: which statements an always-enabled refusing trigger stops (pg_trigger.tgtype:
-- 1 row, 2 before, 8 delete, 16 update, 32 truncate).
create temp view refusals as
select t.tgrelid::regclass as name,
       bool_or(t.tgtype & 16 <> 0) as of_update,
       bool_or(t.tgtype & 8 <> 0) as of_delete,
       bool_or(t.tgtype & 32 <> 0) as of_truncate
  from pg_trigger as t
 where t.tgfoid = 'core.tg_refuse_change'::regproc
   and t.tgtype & 2 <> 0
   and t.tgqual is null
   and t.tgattr::text = ''
 group by t.tgrelid;

select is_empty($$
    select h.name
      from history as h
      left join refusals as r using (name)
     where r.of_update is not true $$,
    'history refuses to be updated');

select is_empty($$
    select n.name
      from (table history union all table evidence) as n
      left join refusals as r using (name)
     where r.of_delete is not true $$,
    'history and evidence refuse to be deleted');

select is_empty($$
    select n.name
      from (table history union all table evidence) as n
      left join refusals as r using (name)
     where r.of_truncate is not true $$,
    'history and evidence refuse to be truncated');

select is_empty($$
    select r.name
      from refusals as r
     where r.name not in (table history union all table evidence) $$,
    'whatever refuses changes is named here');

select is_empty($$
    select c.oid::regclass, d.description
      from pg_class as c
      join pg_description as d
        on d.objoid = c.oid and d.classoid = 'pg_class'::regclass and d.objsubid = 0
     where d.description ~* 'append-only|never deleted|immutable|never changes'
       and c.relkind = 'r'
       and c.oid::regclass not in (table history union all table evidence) $$,
    'whatever says that it is append-only is named here');

select * from finish();
rollback;
