create or replace function lab.list_run_acts(
    p_run_id uuid
)
returns table (
    kind  text,
    place bigint,
    act   text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select 'order', row_number() over (order by b.outbox_id),
           format('%s %s %s%s%s, filled %s', case i.leg when 'TARGET' then core.format_iso(i.bar_end_at)
                                                      else lower(i.leg) end,
                  o.symbol, o.order_qty, ' at ' || o.stop_price_micros, ' limit ' || o.limit_price_micros,
                  o.cum_qty)
      from oms.orders as o join oms.intents as i using (run_id, intent_id)
      join oms.outbox as b on b.run_id = o.run_id and b.order_id = o.order_id and b.request_kind = 'SUBMIT'
     where o.run_id = p_run_id
     union all
    select 'moved stop', row_number() over (order by b.outbox_id),
           format('%s %s to %s', core.format_iso(b.enqueued_at), o.symbol, b.stop_price_micros)
      from oms.outbox as b join oms.orders as o using (run_id, order_id)
     where b.run_id = p_run_id and b.request_kind = 'REPLACE' and b.outbox_status <> 'FAILED'
     union all
    select 'cash flow', row_number() over (order by e.entry_seq),
           format('%s %s %s', core.format_iso(e.booked_at), e.symbol, e.cash_delta_micros)
      from ledger.entries as e
     where e.run_id = p_run_id and e.entry_kind not in ('DEPOSIT', 'FILL', 'REVERSAL')
       and e.cash_delta_micros <> 0
     union all
    select 'split', s.place, s.act from lab.list_run_splits(p_run_id) as s
     union all
    select 'denial', row_number() over (order by i.bar_end_at, d.symbol collate "C"),
           format('%s %s %s, %s', core.format_iso(i.bar_end_at), d.symbol, d.order_qty, d.rule)
      from risk.decisions as d join oms.intents as i using (run_id, intent_id)
     where d.run_id = p_run_id and d.verdict = 'DENY'
     union all
    select 'fill', row_number() over (order by f.fill_seq),
           format('%s %s at %s, fee %s', f.symbol, f.fill_qty, f.price_micros, f.fee_micros)
      from ledger.fills as f
     where f.run_id = p_run_id
     union all
    select 'closed lot', row_number() over (order by c.symbol collate "C", c.fill_seq, c.lot_seq),
           format('%s %s from %s to %s, realised %s', c.symbol, c.closed_qty, c.entry_price_micros,
                  c.exit_price_micros, c.realized_micros)
      from ledger.lot_closes as c join ledger.positions as p using (run_id, symbol, match_no)
     where c.run_id = p_run_id
     union all
    select 'end', 1, format('cash %s, equity %s, %s', p.cash_micros, s.equity_micros,
                            coalesce('halted ' || core.format_iso(h.at), 'not halted'))
      from ledger.portfolios as p
      join risk.states as s using (run_id)
     cross join lateral (
           select min(h.moved_at) as at from run.run_history as h
            where h.run_id = p_run_id and h.to_status = 'HALTED') as h
     where p.run_id = p_run_id;
$function$;

comment on function lab.list_run_acts(uuid) is
$$What a run did and how it ended, in the words of lab.list_acts.$$;
