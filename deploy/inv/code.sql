-- Deploy mqk:inv/code to pg
-- built from sql/inv by `make code`: edit there

begin;

set local role mqk_owner;

do $guard$
begin
    if to_regclass('run.runs') is not null then
        lock table run.runs in share mode;  -- nobody arms meanwhile
        if exists (select from run.runs as r where r.run_status in ('ARMED', 'RUNNING')) then
            raise sqlstate 'MQS19' using
                message = 'code is not changed under a run that is armed or running',
                hint = 'Stop the runs first: mqk run stop. Then deploy, and arm anew.';
        end if;
    end if;
end;
$guard$;

create or replace view inv.a_second_attempt_has_a_proof as
select a.run_id, format('outbox %s attempt %s', a.outbox_id, a.attempt_no) as what
  from oms.attempts as a
  left join oms.absence_proofs as p
    on p.run_id = a.run_id and p.outbox_id = a.outbox_id and p.attempt_no = a.attempt_no - 1
 where a.request_kind = 'SUBMIT'
   and a.attempt_no > 1
   and p.run_id is null;

comment on view inv.a_second_attempt_has_a_proof is
$$I01: No order is sent a second time without proof that the broker does not hold it.$$;

create or replace view inv.a_sent_order_was_dispatched as
select m.run_id, 'outbox ' || m.outbox_id as what
  from oms.broker_map as m
 where not exists (
        select from oms.attempts as a
          join oms.permits as p using (run_id, outbox_id, attempt_no)
         where a.run_id = m.run_id and a.outbox_id = m.outbox_id)
    or not exists (
        select from oms.outbox_history as h
         where h.run_id = m.run_id and h.outbox_id = m.outbox_id and h.history_seq = m.sent_seq
           and h.to_status = 'SENT' and h.from_status in ('DISPATCHING', 'AMBIGUOUS'));

comment on view inv.a_sent_order_was_dispatched is
$$I02 I07b: An order known to the broker was dispatched by us, with an attempt and a permit.$$;

create or replace view inv.a_sent_order_is_mapped as
select o.run_id, format('outbox %s %s', o.outbox_id, o.outbox_status) as what
  from oms.outbox as o
  left join oms.broker_map as m using (run_id, outbox_id)
 where o.request_kind = 'SUBMIT'
   and o.outbox_status in ('SENT', 'ACKED')
   and m.outbox_id is null;

comment on view inv.a_sent_order_is_mapped is
$$I02b: Every order that was sent can be found at the broker by its broker order id.$$;

create or replace view inv.a_dispatch_saw_open_gates as
select a.run_id, format('outbox %s attempt %s', a.outbox_id, a.attempt_no) as what
  from oms.attempts as a
 where a.request_kind = 'SUBMIT'
   and a.lane = 'GATED'
   and (a.begun_at >= a.gates_expire_at
        or 5 <> (select count(*) from run.gate_history as h
                  where h.run_id = a.run_id and h.is_open
                    and (h.gate, h.gate_seq) in (
                        ('CONTINUITY', a.continuity_gate_seq), ('DEADMAN', a.deadman_gate_seq),
                        ('INTEGRITY', a.integrity_gate_seq), ('RECON', a.recon_gate_seq),
                        ('RISK', a.risk_gate_seq))));

comment on view inv.a_dispatch_saw_open_gates is
$$I07: Every submit saw all gates open and fresh, but for those that flatten a halted run.$$;

create or replace view inv.a_dispatch_happened_while_running as
select a.run_id, format('outbox %s attempt %s', a.outbox_id, a.attempt_no) as what
  from oms.attempts as a
 where a.request_kind = 'SUBMIT'
   and a.lane = 'GATED'
   and not exists (
        select from run.run_history as h
          left join run.run_history as n on n.run_id = h.run_id and n.from_seq = h.history_seq
         where h.run_id = a.run_id
           and h.to_status = 'RUNNING'
           and a.begun_at >= h.moved_at
           and (n.moved_at is null or a.begun_at <= n.moved_at));

comment on view inv.a_dispatch_happened_while_running is
$$I08c: Nothing was submitted but by a RUNNING run, or to flatten a halted one.$$;

create or replace view inv.an_attempt_had_the_lease as
select a.run_id, format('outbox %s attempt %s', a.outbox_id, a.attempt_no) as what
  from oms.attempts as a
  left join run.lease_history as h
    on (h.run_id, h.worker_kind, h.lease_epoch) = (a.run_id, 'gateway', a.lease_epoch)
  left join run.lease_history as n
    on (n.engine_id, n.account_id, n.worker_kind, n.lease_epoch)
       = (h.engine_id, h.account_id, h.worker_kind, h.lease_epoch + 1)
 where (h.taken_at <= a.begun_at and h.actor = a.begun_by) is not true
    or a.begun_at >= a.lease_expires_at
    or a.begun_at > n.taken_at;

comment on view inv.an_attempt_had_the_lease is
$$I38: Every attempt was begun by the gateway that led then: after its epoch began, before it ended.$$;

create or replace view inv.one_leader_at_a_time as
select h.run_id, format('%s epoch %s', h.worker_kind, h.lease_epoch) as what
  from run.lease_history as h
  left join run.lease_history as b
    on (b.engine_id, b.account_id, b.worker_kind, b.lease_epoch)
       = (h.engine_id, h.account_id, h.worker_kind, h.lease_epoch - 1)
 where h.lease_epoch < 1
    or h.lease_epoch > 1
       and (b.taken_at <= h.prior_ends_at and h.prior_ends_at <= h.taken_at) is not true
 union all
select null, format('%s lease at epoch %s', l.worker_kind, l.lease_epoch)
  from run.leases as l
 where l.lease_epoch is distinct from (
       select max(h.lease_epoch) from run.lease_history as h
        where (h.engine_id, h.account_id, h.worker_kind)
              = (l.engine_id, l.account_id, l.worker_kind));

comment on view inv.one_leader_at_a_time is
$$I38: Each lease began when the one before had ended, and the one that stands is the last.$$;

create or replace view inv.an_order_was_allowed as
select o.run_id, o.client_order_id as what
  from oms.orders as o
  left join risk.decisions as d
    on d.run_id = o.run_id and d.intent_id = o.intent_id and d.verdict = 'ALLOW'
   and d.symbol = o.symbol and d.order_qty = o.order_qty
 where d.intent_id is null;

comment on view inv.an_order_was_allowed is
$$I19: Every order has an ALLOW verdict for exactly its symbol and quantity.$$;

create or replace view inv.an_order_has_its_targets_terms as
select o.run_id, o.client_order_id as what
  from oms.orders as o
  join oms.intents as i using (run_id, intent_id)
  join strat.targets as t using (run_id, strategy_id, bar_end_at)
  left join risk.decisions as d on d.run_id = o.run_id and d.intent_id = o.intent_id
 where t.symbol = i.symbol
   and (o.time_in_force <> case i.leg when 'STOP' then 'GTC' else 'DAY' end
        or case i.leg
           when 'TARGET' then
               (o.order_type, o.limit_price_micros, o.stop_price_micros)
               is distinct from (t.order_type, t.limit_price_micros, t.stop_price_micros)
               or ((d.numbers ->> 'limit_micros')::bigint, (d.numbers ->> 'stop_micros')::bigint)
                  is distinct from (o.limit_price_micros, o.stop_price_micros)
           else o.order_type <> case i.leg when 'STOP' then 'STOP' else 'MARKET' end end);

comment on view inv.an_order_has_its_targets_terms is
$$I65: Every order has the type and the prices that its target asks for, and was judged by these prices; the
stop that protects outlives the day, no other; what flattens trades at the market.$$;

create or replace view inv.an_order_follows_its_moves as
select h.run_id, format('order %s step %s', h.order_id, h.history_seq) as what
  from oms.order_history as h
  left join oms.order_moves as m
    on m.from_status = h.from_status and m.to_status = h.to_status
  left join oms.order_history as b
    on b.run_id = h.run_id and b.order_id = h.order_id and b.history_seq = h.history_seq - 1
 where m.from_status is null
    or coalesce(b.to_status, 'NONE') <> h.from_status
    or b.moved_at > h.moved_at
    or b.cum_qty > h.cum_qty and not exists (
        select from oms.inbox as i
         where i.run_id = h.run_id and i.order_id = h.order_id and i.previous_id is not null);

comment on view inv.an_order_follows_its_moves is
$$I06 I06c: Orders make legal moves only, in order of time, and what is filled shrinks only after a bust
or correction.$$;

create or replace view inv.an_outbox_row_follows_its_moves as
select h.run_id, format('outbox %s step %s', h.outbox_id, h.history_seq) as what
  from oms.outbox_history as h
  left join oms.outbox_moves as m
    on m.from_status = h.from_status and m.to_status = h.to_status
  left join oms.outbox_history as b
    on b.run_id = h.run_id and b.outbox_id = h.outbox_id and b.history_seq = h.history_seq - 1
 where m.from_status is null
    or coalesce(b.to_status, 'NONE') <> h.from_status
    or b.moved_at > h.moved_at;

comment on view inv.an_outbox_row_follows_its_moves is
$$I06 I06b: Outbox rows make legal moves only, in order of time.$$;

create or replace view inv.a_run_follows_its_moves as
select r.run_id, format('%s at step %s', r.run_status, r.status_seq) as what
  from run.runs as r
  left join lateral (
        select h.* from run.run_history as h
         where h.run_id = r.run_id order by h.history_seq desc limit 1) as h on true
 where (h.history_seq, h.to_status) is distinct from (r.status_seq, r.run_status)
 union all
select h.run_id, 'step ' || h.history_seq
  from run.run_history as h
  left join run.run_moves as m on m.from_status = h.from_status and m.to_status = h.to_status
  left join run.run_history as b on b.run_id = h.run_id and b.history_seq = h.history_seq - 1
 where m.from_status is null
    or coalesce(b.to_status, 'NEW') <> h.from_status
    or b.moved_at > h.moved_at;

comment on view inv.a_run_follows_its_moves is
$$I06 I06b I06c: A run's status is the last of its history, and every move in it is legal, follows the one
before and is no earlier.$$;

create or replace view inv.a_shut_gate_halts as
select g.run_id, g.gate as what
  from run.gates as g
  join run.runs as r using (run_id)
 where not g.is_open
   and g.gate <> 'CONTINUITY'
   and r.run_status in ('ARMED', 'RUNNING');

comment on view inv.a_shut_gate_halts is
$$I49: No armed or running run has a gate that was shut, but for CONTINUITY, which heals.$$;

create or replace view inv.a_halt_is_told as
select e.chain_id as run_id, format('event %s', e.event_seq) as what
  from pager.cursors as k
  join audit.events as e on e.chain_id = k.chain_id and e.event_seq <= k.read_seq
 where e.event_name = 'RUN_HALTED'
   and not exists (
       select from pager.notices as n
        where n.chain_id = e.chain_id and n.event_seq = e.event_seq and n.channel = 'ALERTS');

comment on view inv.a_halt_is_told is
$$I50: Every halt in the part of the diary that the notifier has read has a notice on the channel ALERTS.$$;

create or replace view inv.a_live_arming_was_promoted as
select g.run_id, format('arming %s rests on artifact %s', g.history_seq, g.artifact_id) as what
  from run.armings as g
 where g.mode = 'LIVE'
   and not exists (
       select from run.artifacts as a
         join run.configs as c on c.config_hash = g.config_hash and c.terms_hash = a.terms_hash
         join lab.promotions as p on p.live_id = a.artifact_id
        where a.artifact_id = g.artifact_id and p.is_promoted);

comment on view inv.a_live_arming_was_promoted is
$$I27: What was armed LIVE has the terms of an artifact that a judgement promoted.$$;

create or replace view inv.a_run_in_doubt_is_not_armed as
select o.run_id, 'outbox ' || o.outbox_id as what
  from oms.outbox as o
  join run.runs as r using (run_id)
 where o.outbox_status = 'AMBIGUOUS'
   and r.run_status in ('ARMED', 'RUNNING')
 union all
select m.run_id, 'message ' || m.inbox_id
  from oms.inbox as m
  join run.runs as r using (run_id)
 where m.disposition = 'QUARANTINED'
   and r.run_status in ('ARMED', 'RUNNING')
   and m.received_at > coalesce((
       select max(h.moved_at) from run.run_history as h
        where h.run_id = m.run_id and h.from_status = 'HALTED'), '-infinity');

comment on view inv.a_run_in_doubt_is_not_armed is
$$I40: While it is unknown whether the broker has an order, or a message is in quarantine that nobody looked
at, the run is not armed.$$;

create or replace view inv.one_active_run_per_account as
select min(r.run_id::text)::uuid as run_id, r.account_id as what
  from run.runs as r
 where r.run_status in ('ARMED', 'RUNNING')
   and r.mode in ('PAPER', 'LIVE')
 group by r.account_id
having count(*) > 1;

comment on view inv.one_active_run_per_account is
$$I08: At most one armed or running run trades an account.$$;

create or replace view inv.one_live_run_per_engine as
select min(r.run_id::text)::uuid as run_id, r.engine_id as what
  from run.runs as r
 where r.run_status in ('ARMED', 'RUNNING')
   and r.mode = 'LIVE'
 group by r.engine_id
having count(*) > 1;

comment on view inv.one_live_run_per_engine is
$$I08: At most one LIVE run of an engine is armed or running.$$;

create or replace view inv.a_fill_is_booked_once as
select f.run_id, f.execution_id as what
  from ledger.fills as f
  left join oms.inbox as i
    on i.run_id = f.run_id and f.fill_seq in (i.fill_seq, i.reversal_seq)
  left join ledger.entries as e on e.run_id = f.run_id and e.fill_seq = f.fill_seq
 group by f.run_id, f.fill_seq, f.execution_id
having count(distinct i.inbox_id) <> 1 or count(distinct e.entry_seq) <> 1;

comment on view inv.a_fill_is_booked_once is
$$I05: Every booked fill, and every reversal, comes from one broker message and made one ledger entry.$$;

create or replace view inv.an_applied_fill_is_booked as
select i.run_id, i.broker_message_id as what
  from oms.inbox as i
 where i.event_kind in ('partial_fill', 'fill', 'trade_correct')
   and (i.disposition = 'APPLIED') <> (i.fill_seq is not null);

comment on view inv.an_applied_fill_is_booked is
$$I05: A fill message is applied exactly when it is booked.$$;

create or replace view inv.a_fill_belongs_to_an_attempt as
select f.run_id, f.execution_id as what
  from ledger.fills as f
 where not exists (
        select from oms.orders as o
          join oms.outbox as b using (run_id, order_id)
          join oms.attempts as a using (run_id, outbox_id)
         where o.run_id = f.run_id and o.client_order_id = f.client_order_id
           and a.begun_at <= f.booked_at);

comment on view inv.a_fill_belongs_to_an_attempt is
$$I12: Every fill is of an order that we had dispatched by then.$$;

create or replace view inv.an_order_counts_its_fills as
select o.run_id, o.client_order_id as what
  from oms.orders as o
  left join ledger.fills as f
    on f.run_id = o.run_id and f.client_order_id = o.client_order_id
 group by o.run_id, o.order_id, o.client_order_id, o.cum_qty, o.order_qty
having o.cum_qty * sign(o.order_qty) <> coalesce(sum(f.fill_qty), 0);

comment on view inv.an_order_counts_its_fills is
$$I11b: An order's filled total is the sum of its booked fills.$$;

create or replace view inv.an_overfill_halts as
select o.run_id, o.client_order_id as what
  from oms.orders as o
 where greatest(o.cum_qty, o.working_qty) > abs(o.order_qty)
   and not exists (select from run.run_history as h
                    where h.run_id = o.run_id and h.to_status = 'HALTED');

comment on view inv.an_overfill_halts is
$$I11: A run whose order was filled, or grew, beyond what risk allowed has been halted.$$;

create or replace view inv.the_ledger_balances as
select e.run_id, 'entry ' || e.entry_seq as what
  from ledger.entries as e
  left join ledger.entries as b on b.run_id = e.run_id and b.entry_seq = e.entry_seq - 1
 where e.cash_micros::numeric + e.cost_micros
       <> e.deposits_micros::numeric + e.realized_micros - e.fees_micros + e.income_micros
    or e.cash_micros <> coalesce(b.cash_micros, 0) + e.cash_delta_micros
    or e.cost_micros <> coalesce(b.cost_micros, 0) + e.cost_delta_micros
    or e.realized_micros <> coalesce(b.realized_micros, 0) + e.realized_delta_micros
    or e.fees_micros <> coalesce(b.fees_micros, 0) + e.fee_delta_micros
    or e.income_micros <> coalesce(b.income_micros, 0) + e.income_delta_micros;

comment on view inv.the_ledger_balances is
$$I03 I03b: Cash plus cost equals deposits plus realised profit and dividends minus fees, after every
entry, to the micro.$$;

create or replace view inv.a_portfolio_is_its_last_entry as
select p.run_id, 'portfolio' as what
  from ledger.portfolios as p
  left join lateral (
        select e.* from ledger.entries as e
         where e.run_id = p.run_id order by e.entry_seq desc limit 1) as e on true
 where (p.entry_seq, p.cash_micros, p.cost_micros, p.realized_micros, p.fees_micros,
        p.income_micros)
       is distinct from
       (e.entry_seq, e.cash_micros, e.cost_micros, e.realized_micros, e.fees_micros,
        e.income_micros);

comment on view inv.a_portfolio_is_its_last_entry is
$$I03c: The balances of a run are those of its last ledger entry.$$;

create or replace view inv.a_position_is_its_fills as
select coalesce(p.run_id, f.run_id) as run_id, coalesce(p.symbol, f.symbol) as what
  from ledger.positions as p
  full join (select f.run_id, f.symbol, sum(f.fill_qty) as qty
               from ledger.fills as f group by f.run_id, f.symbol) as f
    on f.run_id = p.run_id and f.symbol = p.symbol
  left join (select s.run_id, s.symbol, s.match_no, sum(s.new_qty - s.held_qty) as qty
               from ledger.splits as s group by s.run_id, s.symbol, s.match_no) as s
    on s.run_id = p.run_id and s.symbol = p.symbol and s.match_no = p.match_no
  left join (select e.run_id, e.symbol, sum(e.qty_delta) as qty
               from ledger.entries as e group by e.run_id, e.symbol) as e
    on e.run_id = p.run_id and e.symbol = p.symbol
 where coalesce(p.position_qty, 0) <> coalesce(f.qty, 0) + coalesce(s.qty, 0)
    or coalesce(p.position_qty, 0) <> coalesce(e.qty, 0);

comment on view inv.a_position_is_its_fills is
$$I04: A position is the sum of its fills and of what splits made of it, and of the ledger's changes.$$;

create or replace view inv.a_position_is_its_lots as
select coalesce(p.run_id, l.run_id) as run_id, coalesce(p.symbol, l.symbol) as what
  from ledger.positions as p
  full join (select l.run_id, l.symbol, sum(l.open_qty) as qty,
                    sum(l.open_cost_micros) as cost,
                    min(sign(l.open_qty)) <> max(sign(l.open_qty)) as is_split
               from ledger.lots as l
               join ledger.positions as h using (run_id, symbol, match_no)
              where l.open_qty <> 0 group by l.run_id, l.symbol) as l
    on l.run_id = p.run_id and l.symbol = p.symbol
 where coalesce(p.position_qty, 0) <> coalesce(l.qty, 0)
    or coalesce(p.cost_micros, 0) <> coalesce(l.cost, 0)
    or l.is_split;

comment on view inv.a_position_is_its_lots is
$$I04b I04c: Quantity and cost of a position are those of its open lots, which are all on one side.$$;

create or replace view inv.a_lot_is_its_history as
select l.run_id, format('%s matching %s lot %s', l.symbol, l.match_no, l.lot_seq) as what
  from ledger.lots as l
  left join lateral (
        select sum(c.closed_qty) as qty, sum(c.cost_micros) as cost
          from ledger.lot_closes as c
         where (c.run_id, c.symbol, c.match_no, c.lot_seq)
               = (l.run_id, l.symbol, l.match_no, l.lot_seq)) as c on true
  left join lateral (
        select sum(s.to_qty - s.from_qty) as qty, sum(s.to_cost_micros - s.from_cost_micros) as cost
          from ledger.lot_splits as s
         where (s.run_id, s.symbol, s.match_no, s.lot_seq)
               = (l.run_id, l.symbol, l.match_no, l.lot_seq)) as s on true
 where l.open_qty <> l.opened_qty - coalesce(c.qty, 0) + coalesce(s.qty, 0)
    or l.split_qty <> coalesce(s.qty, 0)
    or l.open_cost_micros <> l.opened_qty::numeric * l.entry_price_micros - coalesce(c.cost, 0)
                             + coalesce(s.cost, 0)
 union all
select s.run_id, format('%s split %s matching %s', s.symbol, s.adjustment_seq, s.match_no)
  from ledger.splits as s
  left join lateral (
        select sum(x.from_qty) as held, sum(x.to_qty) as became,
               sum(x.from_cost_micros - x.to_cost_micros) as cost
          from ledger.lot_splits as x
         where (x.run_id, x.symbol, x.match_no, x.adjustment_seq)
               = (s.run_id, s.symbol, s.match_no, s.adjustment_seq)) as x on true
  join ledger.adjustments as a using (run_id, adjustment_seq)
 where (s.held_qty, s.new_qty, s.cost_micros)
       <> (coalesce(x.held, 0), coalesce(x.became, 0), coalesce(x.cost, 0))
    or s.reference_micros is distinct from a.reference_micros;

comment on view inv.a_lot_is_its_history is
$$I52: Shares and cost of a lot are what opened it, less its closes, and what splits made of it; a split
gives the lots exactly the whole shares and the cost that it took, but for the fraction paid in cash.$$;

create or replace view inv.a_corporate_action_is_applied_once as
select d.run_id, format('%s %s', d.symbol, d.action_id) as what
  from ledger.adjustments as d
  left join md.corporate_actions as a
    on (a.action_id, a.symbol, a.action_kind, a.ratio_num, a.ratio_den, a.amount_micros)
       = (d.action_id, d.symbol, d.action_kind, d.ratio_num, d.ratio_den, d.amount_micros)
  left join ledger.entries as e using (run_id, adjustment_seq)
 where a.action_id is null
    or d.applied_at < a.effective_at
    or d.action_kind = 'SPLIT' and e.entry_seq is null
    or d.action_kind = 'CASH_DIVIDEND'
       and (e.booked_at < a.pay_at or e.cash_delta_micros <> d.held_qty * d.amount_micros)
 union all
select min(d.run_id::text)::uuid, 'action ' || d.action_id
  from ledger.adjustments as d
 group by d.run_id, d.action_id
having count(*) > 1
 union all
select s.run_id, format('%s matching %s', p.symbol, p.match_no)
  from ledger.adjustments as s
  join ledger.positions as p using (run_id, symbol)
 where s.action_kind = 'SPLIT'
   and not exists (
        select from ledger.splits as x
         where (x.run_id, x.symbol, x.match_no, x.adjustment_seq)
               = (s.run_id, s.symbol, p.match_no, s.adjustment_seq));

comment on view inv.a_corporate_action_is_applied_once is
$$I53: What the books took over was announced just so, once, not before its day; a split is in the
matching that stands, a dividend is paid for what was held, not before its day of payment.$$;

create or replace view inv.realized_profit_is_its_closes as
select p.run_id, 'realized' as what
  from ledger.portfolios as p
 where p.realized_micros <> (
        select coalesce(sum(c.realized_micros), 0)
          from ledger.lot_closes as c
          join ledger.positions as s using (run_id, symbol, match_no)
         where c.run_id = p.run_id) + (
        select coalesce(sum(x.realized_micros), 0)
          from ledger.splits as x
          join ledger.positions as s using (run_id, symbol, match_no)
         where x.run_id = p.run_id)
    or p.realized_micros <> (
        select coalesce(sum(s.realized_micros), 0)
          from ledger.positions as s where s.run_id = p.run_id);

comment on view inv.realized_profit_is_its_closes is
$$I54: Realised profit is the sum over closed lots and cash in lieu, and over positions.$$;

create or replace view inv.the_diary_is_whole as
select c.run_id, format('%s event %s: %s', c.chain_id, v.event_seq, v.finding) as what
  from audit.chains as c
  cross join lateral audit.verify_chain(c.chain_id) as v;

comment on view inv.the_diary_is_whole is
$$I09: Every audit chain recomputes, links and ends at its head.$$;

create or replace view inv.an_anchor_holds_its_event as
select c.run_id, format('anchor %s of %s: %s', b.anchor_no, n.engine_id, b.finding) as what
  from (select distinct a.engine_id from audit.anchors as a) as n
  cross join lateral audit.list_anchor_breaks(n.engine_id) as b
  left join audit.chains as c on c.chain_id = b.chain_id;

comment on view inv.an_anchor_holds_its_event is
$$I09b: The anchors of an engine follow each other, and each holds an event of the diary as it stands.$$;

create or replace view inv.every_run_is_in_the_diary as
select r.run_id, 'no chain' as what
  from run.runs as r
  left join audit.chains as c on c.chain_id = r.run_id and c.engine_id = r.engine_id
 where c.chain_id is null
 union all
select a.run_id, format('outbox %s attempt %s', a.outbox_id, a.attempt_no)
  from oms.attempts as a
 where not exists (
        select from audit.events as e
         where e.chain_id = a.run_id and e.event_name = 'OUTBOX_DISPATCHING'
           and (e.payload ->> 'outbox_id')::bigint = a.outbox_id)
 union all
select h.run_id, format('%s times %s', h.moves, h.to_status)
  from (select h.run_id, h.to_status, count(*) as moves
          from run.run_history as h
         group by h.run_id, h.to_status) as h
 where h.moves <> (select count(*) from audit.events as e
                    where e.chain_id = h.run_id and e.event_name = 'RUN_' || h.to_status);

comment on view inv.every_run_is_in_the_diary is
$$I09c: Every run has its chain, every move of a run and every dispatch its event.$$;

create or replace view inv.a_decision_saw_only_the_past as
select d.run_id, format('%s %s', d.strategy_id, d.bar_end_at) as what
  from strat.decisions as d
 where d.decided_at < d.bar_end_at
 union all
select f.run_id, f.execution_id
  from ledger.fills as f
  join oms.orders as o on o.run_id = f.run_id and o.client_order_id = f.client_order_id
  join oms.intents as i on i.run_id = o.run_id and i.intent_id = o.intent_id
 where f.executed_at <= i.bar_end_at;

comment on view inv.a_decision_saw_only_the_past is
$$I34: A strategy decides after its bar has closed, and its orders fill later than that.$$;

create or replace view inv.a_verdict_is_its_counts as
select c.run_id, 'snapshot ' || c.snapshot_seq as what
  from recon.comparisons as c
 cross join lateral (
       select array_agg(d) as drifts,
              count(*) filter (where k.severity <> 'INFO') as that_matter
         from recon.drifts as d
         join recon.drift_kinds as k using (drift_kind)
        where d.run_id = c.run_id and d.snapshot_seq = c.snapshot_seq) as d
 cross join lateral recon.count_drifts(d.drifts) as n
 where (c.order_drifts, c.position_drifts, c.cash_drifts, c.other_drifts, c.warning_drifts,
        c.unsettled_drifts, c.info_drifts)
       <> (n.order_drifts, n.position_drifts, n.cash_drifts, n.other_drifts, n.warning_drifts,
           n.unsettled_drifts, n.info_drifts)
    or (c.verdict = 'CLEAN') <> (d.that_matter = 0);

comment on view inv.a_verdict_is_its_counts is
$$I24: A reconcile is CLEAN exactly when it found no difference that matters.$$;

create or replace view inv.a_reconcile_can_be_recomputed as
select c.run_id, format('snapshot %s: %s', c.snapshot_seq, f.problem) as what
  from recon.comparisons as c
 cross join lateral recon.find_difference(c) as f (problem)
 where f.problem is not null;

comment on view inv.a_reconcile_can_be_recomputed is
$$I24: Every comparison follows from the snapshot and the books that it kept, and those books are the
ledger's and the orders' of then.$$;

create or replace view inv.a_clean_reconcile_agrees as
select c.run_id, format('snapshot %s: %s %s', c.snapshot_seq, d.drift_kind, d.drift_key) as what
  from recon.comparisons as c
  join recon.snapshots as s using (run_id, snapshot_seq)
  join recon.tolerances as l using (run_id)
 cross join lateral recon.list_money_drifts(s.document, c.books, l) as d
 where c.verdict = 'CLEAN';

comment on view inv.a_clean_reconcile_agrees is
$$I41: In a CLEAN comparison cash and every position of broker and books agree within the tolerance.$$;

create or replace view inv.a_snapshot_follows_the_one_before as
select s.run_id, 'snapshot ' || s.snapshot_seq as what
  from recon.snapshots as s
  left join recon.snapshots as b
    on b.run_id = s.run_id and b.snapshot_seq = s.snapshot_seq - 1
 where s.snapshot_seq > 1
   and (b.captured_at < s.captured_at) is not true;

comment on view inv.a_snapshot_follows_the_one_before is
$$I24: A run's snapshots are numbered without a hole, each captured after the one before.$$;

create or replace view inv.an_order_in_our_name_is_known as
select s.run_id, t.client_order_id as what
  from recon.snapshots as s
  join run.runs as r using (run_id)
 cross join lateral recon.parse_orders(s.document) as t
 where s.snapshot_seq = (select max(l.snapshot_seq) from recon.snapshots as l
                          where l.run_id = s.run_id)
   and s.account_id = r.account_id
   and starts_with(t.client_order_id, r.engine_id || '_')
   and not exists (
       select from oms.broker_map as m
         join oms.outbox as b using (run_id, outbox_id)
         join oms.orders as o using (run_id, order_id)
        where o.client_order_id = t.client_order_id)
   and not exists (
       select from recon.drifts as d
        where d.run_id = s.run_id and d.snapshot_seq = s.snapshot_seq
          and strpos(d.drift_key, t.client_order_id) > 0)
   and not exists (
       select from oms.orders as o
        where o.client_order_id = t.client_order_id and o.order_status = 'REJECTED');

comment on view inv.an_order_in_our_name_is_known is
$$I42: An order that the broker shows under our prefix is one that we sent, or a difference.$$;

create or replace view inv.a_repair_never_fills as
select r.run_id, format('snapshot %s: %s', r.snapshot_seq, r.drift_key) as what
  from recon.repairs as r
  join oms.order_history as h
    on (h.run_id, h.order_id, h.history_seq) = (r.run_id, r.order_id, r.history_seq)
  left join oms.order_history as b
    on b.run_id = r.run_id and b.order_id = r.order_id and b.history_seq = r.history_seq - 1
  left join recon.drifts as d
    on (d.run_id, d.snapshot_seq, d.drift_kind, d.drift_key)
       = (r.run_id, r.snapshot_seq, r.drift_kind, r.drift_key)
 where b.cum_qty is distinct from h.cum_qty
    or d.is_settled is not true
    or d.theirs is distinct from r.to_status;

comment on view inv.a_repair_never_fills is
$$I55: A repair moves the status of an order to what the broker said for longer than the grace; the filled
quantity stays.$$;

create or replace view inv.an_open_reconcile_was_clean as
select h.run_id, 'gate RECON ' || h.gate_seq as what
  from run.gate_history as h
  left join recon.comparisons as c
    on c.run_id = h.run_id and c.snapshot_seq = (h.evidence ->> 'snapshot_seq')::bigint
 where h.gate = 'RECON'
   and h.is_open
   and (c.verdict = 'CLEAN') is not true;

comment on view inv.an_open_reconcile_was_clean is
$$I56: Whenever gate RECON opened, the comparison that it names was CLEAN.$$;

create or replace view inv.a_dirty_run_is_not_armed as
select r.run_id, r.run_status as what
  from run.runs as r
  join recon.comparisons as c using (run_id)
 where r.run_status in ('ARMED', 'RUNNING')
   and c.verdict = 'DIRTY'
   and c.snapshot_seq = (select max(l.snapshot_seq) from recon.comparisons as l
                          where l.run_id = r.run_id);

comment on view inv.a_dirty_run_is_not_armed is
$$I57: A run whose last comparison was DIRTY is neither armed nor running.$$;

create or replace view inv.a_config_is_its_hash as
select r.run_id, r.config_hash as what
  from run.runs as r
  left join run.configs as c using (config_hash)
 where core.hash_text(c.canonical_json) is distinct from r.config_hash
    or core.format_canonical_json(c.config) is distinct from c.canonical_json;

comment on view inv.a_config_is_its_hash is
$$I28: A run's config has the hash that the run was bound to.$$;

create or replace view inv.a_position_has_its_stop as
select p.run_id, p.symbol as what
  from ledger.positions as p
  join run.runs as r using (run_id)
  join strat.assignments as a using (run_id)
  join oms.stop_plans as s using (run_id)
 where r.run_status = 'RUNNING'
   and a.stop_bps > 0
   and p.position_qty <> 0
   and p.changed_at < s.planned_at
   and not oms.is_being_traded(p.run_id, p.symbol)
   and not exists (
        select from oms.orders as o
         where o.run_id = p.run_id and o.symbol = p.symbol and o.time_in_force = 'GTC'
           and o.order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED', 'DONE_FOR_DAY')
           and (o.pending_op <> 'NONE' or o.leaves_qty * sign(o.order_qty) = -p.position_qty))
   and not exists (
        select from oms.order_history as h
          join oms.orders as o using (run_id, order_id)
         where o.run_id = p.run_id and o.symbol = p.symbol and h.moved_at >= s.planned_at);

comment on view inv.a_position_has_its_stop is
$$I58: An open position of a strategy that asks for it has one live stop for its shares, since the stops
were last looked after: unless something of its symbol works, or has just changed.$$;

create or replace view inv.a_run_has_the_limits_of_its_config as
select r.run_id, 'limits' as what
  from run.runs as r
  join run.configs as c using (config_hash)
  left join risk.limits as l using (run_id)
 where l is distinct from risk.compute_limits(r.run_id, r.initial_cash_micros, c.config -> 'risk');

comment on view inv.a_run_has_the_limits_of_its_config is
$$I59: Every run is held to the limits that its config names.$$;

create or replace view inv.a_reducing_order_reduced as
select a.run_id, format('outbox %s attempt %s', a.outbox_id, a.attempt_no) as what
  from oms.attempts as a
  join oms.outbox as b using (run_id, outbox_id)
  join oms.orders as o using (run_id, order_id)
 where a.lane = 'REDUCING'
   and (o.order_qty = a.order_qty
        and risk.is_reducing(a.held_qty, a.buy_qty, a.sell_qty, a.order_qty)
        and exists (
            select from (
                select e.booked_at, sum(e.qty_delta) over s as held_qty, lead(e.booked_at) over s as next_at
                  from ledger.entries as e
                 where e.run_id = a.run_id and e.symbol = o.symbol
                window s as (order by e.entry_seq)) as h
             where h.held_qty = a.held_qty and h.booked_at <= a.begun_at
               and (h.next_at >= a.begun_at) is not false)
       ) is not true;

comment on view inv.a_reducing_order_reduced is
$$I60: Every order of the reducing lane could only lower the position that fills and splits had made when it
was begun; what was booked at the same instant may have come before or after.$$;

create or replace view inv.a_flatten_saw_proven_positions as
select a.run_id, format('outbox %s attempt %s', a.outbox_id, a.attempt_no) as what
  from oms.attempts as a
 where a.lane = 'REDUCING'
   and (a.begun_at < a.gates_expire_at
        and 2 = (select count(*) from run.gate_history as g
                  where g.run_id = a.run_id and g.is_open
                    and (g.gate, g.gate_seq) in (('CONTINUITY', a.continuity_gate_seq),
                                                 ('RECON', a.recon_gate_seq)))
        and exists (
            select from run.run_history as h
              join risk.flattens as f on f.run_id = h.run_id and f.halted_seq = h.history_seq
              left join run.run_history as n on n.run_id = h.run_id and n.from_seq = h.history_seq
             where h.run_id = a.run_id and h.history_seq = a.flatten_seq and h.to_status = 'HALTED'
               and a.begun_at >= f.asked_at
               and (n.moved_at is null or a.begun_at <= n.moved_at))
       ) is not true;

comment on view inv.a_flatten_saw_proven_positions is
$$I61: Every order of the reducing lane was begun under a flatten of a run that was halted then, with the
broker's events complete and the last reconcile clean and fresh.$$;

create or replace view inv.a_halt_has_its_evidence as
select h.run_id, format('halt %s: %s', h.history_seq, h.reason) as what
  from run.run_history as h
 where h.to_status = 'HALTED'
   and not exists (
        select from run.trips as t
          join run.trip_kinds as k using (trip_kind)
         where t.run_id = h.run_id and t.halted_seq = h.history_seq
           and t.tripped_at >= h.moved_at and t.evidence <> '{}')
 union all
select t.run_id, 'trip ' || t.trip_seq
  from run.trips as t
  left join run.run_history as h on h.run_id = t.run_id and h.history_seq = t.halted_seq
 where (h.to_status = 'HALTED' and t.tripped_at >= h.moved_at and t.evidence ? 'found') is not true;

comment on view inv.a_halt_has_its_evidence is
$$I51: Every halt was made by a kill switch that wrote down what it saw, and every kill switch belongs to
a halt.$$;

create or replace view inv.a_verdict_follows_from_its_numbers as
select d.run_id, format('%s %s', d.symbol, d.intent_id) as what
  from risk.decisions as d
  left join risk.limits as l using (run_id)
 cross join lateral jsonb_populate_record(null::risk.order_facts, d.numbers) as f
 where (d.rule = coalesce(risk.find_denial(l, f), 'NONE')
        and f.order_qty = d.order_qty
        and d.numbers -> 'limits' = to_jsonb(l)) is not true;

comment on view inv.a_verdict_follows_from_its_numbers is
$$I20 I22: Every verdict on an order comes out again when it is judged from the numbers that were kept
with it.$$;

create or replace view inv.a_bar_names_its_parents as
select null::uuid as run_id, format('bars of instrument %s', b.symbol) as what
  from (select distinct symbol from md.bars) as b
 where not exists (select from ref.instruments as i where i.symbol = b.symbol)
 union all
select null::uuid as run_id, format('bars of ingest %s', b.ingest_id) as what
  from (select distinct ingest_id from md.bars) as b
 where not exists (select from md.ingests as i where i.ingest_id = b.ingest_id);

comment on view inv.a_bar_names_its_parents is
$$I62: Every bar is of an instrument and an ingest that exist.$$;

create or replace view inv.a_bar_is_of_a_listing as
select null::uuid as run_id, format('%s %s', u.symbol, u.session_on) as what
  from md.list_unlisted_bars() as u;

comment on view inv.a_bar_is_of_a_listing is
$$I63: A stored bar is of a session on which its name was listed.$$;

create or replace view inv.a_backtest_balances as
select format('backtest %s has %s, its fills leave %s', b.backtest_id, b.cash_micros,
              c.cash_micros) as what
  from lab.backtests as b
 cross join lateral (
    select b.initial_cash_micros
           - coalesce(sum(f.fill_qty::numeric * f.price_micros + f.fee_micros), 0)
           + coalesce((select sum(p.amount_micros) from lab.flows as p
                        where p.backtest_id = b.backtest_id), 0) as cash_micros
      from lab.fills as f
     where f.backtest_id = b.backtest_id) as c
 where b.cash_micros <> c.cash_micros
    or exists (
       select from lab.orders as o
        where o.backtest_id = b.backtest_id
          and o.filled_qty <> (select coalesce(sum(abs(f.fill_qty)), 0) from lab.fills as f
                                where f.backtest_id = o.backtest_id and f.order_no = o.order_no));

comment on view inv.a_backtest_balances is
$$I64: A backtest ends with its opening cash less what its fills cost, plus what dividends and
fractions of split shares brought; its orders filled what its fills say.$$;

create or replace view inv.an_order_name_is_its_intents as
select o.run_id, o.client_order_id as what
  from oms.orders as o
  join run.runs as r using (run_id)
  left join oms.intents as i using (run_id, intent_id)
 where (o.client_order_id = oms.derive_client_order_id(r.engine_id, o.intent_id)
        and o.client_order_id ~ '^[A-Z][A-Z0-9]{1,7}_[0-9a-f]{32}$'
        and (o.account_id, o.symbol, o.order_qty) = (r.account_id, i.symbol, i.order_qty)) is not true;

comment on view inv.an_order_name_is_its_intents is
$$I01b I16: The name of an order is its engine's and its intent's, and it orders what the intent says, for
the run's account.$$;

create or replace view inv.an_order_is_of_the_universe as
select o.run_id, format('%s %s', o.symbol, o.client_order_id) as what
  from oms.orders as o
 where not exists (
        select from run.universe as u where u.run_id = o.run_id and u.symbol = o.symbol);

comment on view inv.an_order_is_of_the_universe is
$$I18: Every order is of a symbol of the universe that its run was created with.$$;

create or replace view inv.a_dispatch_saw_the_gates_of_then as
select a.run_id, format('outbox %s attempt %s: %s', a.outbox_id, a.attempt_no, h.gate) as what
  from oms.attempts as a
  join run.gate_history as h using (run_id)
 cross join lateral (
    select case h.gate when 'CONTINUITY' then a.continuity_gate_seq when 'DEADMAN' then a.deadman_gate_seq
                       when 'INTEGRITY' then a.integrity_gate_seq when 'RECON' then a.recon_gate_seq
                       when 'RISK' then a.risk_gate_seq end as gate_seq) as s
 where (h.gate_seq = s.gate_seq and h.observed_at > a.begun_at)
    or (h.gate_seq > s.gate_seq and h.observed_at < a.begun_at);

comment on view inv.a_dispatch_saw_the_gates_of_then is
$$I07c: The gate rows that an attempt rests on were the last ones of their gates at its moment.$$;

create or replace view inv.a_permit_was_in_time as
select p.run_id, format('outbox %s attempt %s', p.outbox_id, p.attempt_no) as what
  from oms.permits as p
  left join oms.attempts as a using (run_id, outbox_id, attempt_no)
 where (p.permitted_at < a.permit_expires_at
        and a.permit_expires_at <= a.begun_at + interval '2 s'
        and p.permitted_to = a.begun_by) is not true;

comment on view inv.a_permit_was_in_time is
$$I14: What to send was told to the login that had begun the attempt, within two seconds of it.$$;

create or replace view inv.a_change_is_of_a_sent_order as
select c.run_id, format('outbox %s %s', c.outbox_id, c.request_kind) as what
  from oms.outbox as c
  join oms.permits as p using (run_id, outbox_id)
 where c.request_kind <> 'SUBMIT'
   and not exists (
        select from oms.outbox as s
          join oms.broker_map as m using (run_id, outbox_id)
         where s.run_id = c.run_id and s.order_id = c.order_id);

comment on view inv.a_change_is_of_a_sent_order is
$$I17: A cancel or a replace that was let out is of an order whose id at the broker we hold.$$;

create or replace view inv.a_bar_is_possible as
select null::uuid as run_id, format('%s %s %s', b.symbol, b.timeframe, b.bar_end_at) as what
  from md.bars as b
  left join md.ingests as g using (ingest_id)
 where (b.low_micros > 0 and b.volume >= 0
        and b.low_micros <= least(b.open_micros, b.close_micros)
        and b.high_micros >= greatest(b.open_micros, b.close_micros)
        and b.timeframe = g.timeframe
        and b.bar_end_at <= g.ingested_at) is not true;

comment on view inv.a_bar_is_possible is
$$I33: The prices of a bar are positive and in order, its volume is none or more, and it had closed when it
was stored.$$;

create or replace view inv.a_live_arming_had_two_people as
select g.run_id, format('arming %s by %s and %s', g.history_seq, g.armed_by, g.approved_by) as what
  from run.armings as g
 where g.mode = 'LIVE'
   and not exists (
        select from run.approvals as a
         where (a.run_id, a.approved_by, a.approved_at, a.words)
               = (g.run_id, g.approved_by, g.approved_at, g.words)
           and a.approved_by <> g.armed_by
           and g.armed_at between a.approved_at and a.approved_at + interval '15 minutes');

comment on view inv.a_live_arming_had_two_people is
$$I27: What was armed LIVE had been approved by another person, in the same words, within a quarter of an
hour.$$;

create or replace view inv.an_arming_had_its_proof as
select h.run_id, format('arming %s', h.history_seq) as what
  from run.run_history as h
  left join run.armings as g using (run_id, history_seq)
  join run.runs as r using (run_id)
 where h.to_status = 'ARMED'
   and (g.config_hash = r.config_hash and g.mode = r.mode and g.armed_at = h.moved_at
        and jsonb_array_length(g.checks) > 0
        and not g.checks @? '$[*] ? (!(@.is_ok == true))') is not true;

comment on view inv.an_arming_had_its_proof is
$$I27b: Every arming kept the checks that it rests on, all passed, with config and mode of its run.$$;

create or replace view inv.a_promotion_passed_its_gates as
select null::uuid as run_id, format('promotion %s: %s', p.promotion_id, f.reason) as what
  from lab.promotions as p
 cross join lateral lab.list_failures(p.profile, p.measures) as f
 where p.is_promoted
 union all
select null, format('promotion %s: score %s', p.promotion_id, p.score)
  from lab.promotions as p
 where p.is_promoted
   and p.score is distinct from lab.compute_score(p.measures);

comment on view inv.a_promotion_passed_its_gates is
$$I35: What was promoted passes every gate again by the measures that were kept with it, none of them
missing, infinite or not a number.$$;

create or replace view inv.nothing_stored_is_a_secret as
select r.run_id, format('config %s at %s: %s', c.config_hash, s.path, s.rule_id) as what
  from run.configs as c
 cross join lateral core.list_secrets(c.canonical_json::jsonb) as s
  left join run.runs as r using (config_hash)
 union all
select e.chain_id, format('event %s: %s', e.event_seq, s.rule_id)
  from audit.events as e
 cross join lateral (select core.find_secret(e.payload::text) as rule_id) as s
 where s.rule_id is not null;

comment on view inv.nothing_stored_is_a_secret is
$$I47: No config and no event of the diary holds what looks like a secret.$$;

create or replace view inv.a_running_desk_is_as_it_was_armed as
select r.run_id, format('armed on %s', left(g.fingerprint, 12)) as what
  from run.runs as r
  join lateral (
    select a.fingerprint from run.armings as a
     where a.run_id = r.run_id order by a.history_seq desc limit 1) as g on true
 where r.run_status in ('ARMED', 'RUNNING')
   and g.fingerprint <> core.compute_fingerprint();

comment on view inv.a_running_desk_is_as_it_was_armed is
$$I45: While a run is armed, functions, tables, guards and grants are those that it was armed on.$$;

create or replace function inv.verify_all()
returns table (
    ids        text,
    invariant  text,
    promise    text,
    violations bigint,
    is_ok      boolean,
    first_one  text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    for ids, invariant, promise in
        select split_part(d.words, ': ', 1), d.relname, regexp_replace(d.words, '^[^:]*: ', '')
          from (select c.relname, obj_description(c.oid, 'pg_class') as words
                  from pg_class as c
                 where c.relnamespace = 'inv'::regnamespace and c.relkind = 'v') as d
         order by d.words collate "C"
    loop
        execute format('select count(*), count(*) = 0, min(v.what) from inv.%I as v', invariant)
           into violations, is_ok, first_one;
        return next;
    end loop;
end;
$function$;

comment on function inv.verify_all() is
$$Every promise, by its ids, with the number of rows that break it; 0 everywhere = all hold.
Why: a view's comment is the one place of its ids and its law.$$;

commit;
