create or replace function ops.list_order_holds(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    step     integer,
    gate     text,
    is_open  boolean,
    since    timestamptz,
    reason   text,
    measured text,
    evidence text,
    clear    text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select 6, 'verdict ' || d.symbol, d.verdict = 'ALLOW', d.decided_at, d.verdict || ': ' || d.rule,
           format('%s shares', d.order_qty), 'risk.decisions ' || d.intent_id,
           format('mqk risk decisions %s', p_run_id)
      from (select distinct on (d.symbol collate "C") d.* from risk.decisions as d
             where d.run_id = p_run_id order by d.symbol collate "C", d.decided_at desc) as d
     union all
    select 9, 'orders in doubt', u.orders = 0, null,
           case u.orders when 0 then 'every order is accounted for'
                         else 'the broker''s word on them is missing' end,
           u.orders || ' orders', 'oms.outbox',
           format('mqk worker gateway: it looks them up; mqk orders list %s', p_run_id)
      from (select oms.count_unresolved(p_run_id) as orders) as u
     union all
    select 10, 'requests that wait', count(o.outbox_id) = 0, min(o.enqueued_at),
           case when count(o.outbox_id) = 0 then 'none'
                when bool_or(o.not_before_at > p_now_at)
                    then 'not before ' || core.format_iso(max(o.not_before_at))
                else 'for the gateway' end,
           count(o.outbox_id) || ' requests', 'oms.outbox ' || min(o.outbox_id), 'mqk worker gateway'
      from (select) as one
      left join oms.outbox as o on o.run_id = p_run_id and o.outbox_status = 'PENDING'
     union all
    select 11, 'request budget', b.held_until_at <= p_now_at is not false and l.left_qty > 30,
           b.window_started_at,
           case when b.held_until_at > p_now_at
                then 'the broker said: not before ' || core.format_iso(b.held_until_at)
                else 'requests of this minute' end,
           format('%s are left%s; a submit leaves 30 for cancels', l.left_qty,
                  ', the broker said ' || b.remaining),
           'oms.budgets', 'it heals by itself'
      from run.runs as r
      join oms.budgets as b using (account_id)
     cross join lateral oms.count_budget(b, p_now_at) as l (left_qty)
     where r.run_id = p_run_id;
$function$;

comment on function ops.list_order_holds(uuid, timestamptz) is
$$From a target to the broker: the last verdicts, orders in doubt, requests that wait, the budget.$$;
