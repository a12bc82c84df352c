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
