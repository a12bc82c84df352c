create or replace function ops.list_status(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    section text,
    item    text,
    value   text,
    is_ok   boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select l.section, l.item, l.value, l.is_ok
      from (select 1, 'run', r.mode || ' ' || r.engine_id,
                   format('%s since %s: %s', r.run_status, core.format_iso(h.moved_at), h.reason),
                   r.run_status = 'RUNNING'
              from run.runs as r
              join run.run_history as h on h.run_id = r.run_id and h.history_seq = r.status_seq
             where r.run_id = p_run_id
             union all
            select 2, 'money', 'equity', core.format_micros(s.equity_micros), true
              from risk.states as s where s.run_id = p_run_id
             union all
            select 2, 'money', m.item, format('%s of %s', core.format_micros(m.lost),
                                              core.format_micros(m.allowed)),
                   not risk.is_breached(-m.lost, 0, m.allowed)
              from risk.states as s
              join risk.limits as l using (run_id)
              cross join lateral (values
                   ('lost today', s.day_start_micros - s.equity_micros, l.daily_loss_limit_micros),
                   ('off the peak', s.peak_micros - s.equity_micros, l.max_drawdown_micros))
                   as m (item, lost, allowed)
             where s.run_id = p_run_id
             union all
            select 3, 'position', p.symbol,
                   format('%s at %s, worth %s', p.position_qty,
                          coalesce(core.format_micros(p.mark_micros), 'unknown'),
                          coalesce(core.format_micros(p.market_value_micros), 'unknown')),
                   p.mark_micros is not null
              from ops.report_positions(p_run_id, p_now_at) as p where p.position_qty <> 0
             union all
            select 4, 'open order', o.symbol,
                   format('%s %s, %s filled, %s%s: %s', o.order_type, o.order_qty, o.cum_qty,
                          o.order_status, ', ' || nullif(o.pending_op, 'NONE') || ' asked',
                          o.client_order_id), true
              from oms.orders as o where o.run_id = p_run_id and o.leaves_qty > 0
             union all
            select 5, 'shut', h.gate, h.reason, false
              from ops.list_holds(p_run_id, p_now_at) as h where not h.is_open)
           as l (place, section, item, value, is_ok)
     order by l.place, l.section, l.item, l.value;
$function$;

comment on function ops.list_status(uuid, timestamptz) is
$$A run at a glance: status, equity, losses beside their limits, positions, open orders, and what is shut.
Unknown is said, never shown as zero.$$;
