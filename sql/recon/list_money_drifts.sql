create or replace function recon.list_money_drifts(
    p_run_id   uuid,
    p_document jsonb
)
returns table (
    drift_kind text,
    drift_key  text,
    ours       text,
    theirs     text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with theirs as (
        select p.value ->> 'symbol' as symbol, p.value ->> 'qty' as qty_text,
               core.parse_shares(p.value ->> 'qty') as qty
          from jsonb_array_elements(p_document -> 'positions') as p
    )
    select 'POSITION', coalesce(t.symbol, o.symbol), coalesce(o.position_qty, 0)::text,
           coalesce(t.qty_text, '0')
      from theirs as t
      full join (select p.symbol, p.position_qty from ledger.positions as p
                  where p.run_id = p_run_id) as o on o.symbol = t.symbol
      cross join recon.tolerances as l
     where l.run_id = p_run_id
       and (t.symbol is not null and t.qty is null
            or abs(coalesce(t.qty, 0) - coalesce(o.position_qty, 0)) > l.position_tolerance_qty)
     union all
    select 'CASH', 'USD', core.format_micros(b.cash_micros),
           coalesce(p_document ->> 'cash', 'none')
      from ledger.portfolios as b
      join recon.tolerances as l using (run_id)
     where b.run_id = p_run_id
       and coalesce(abs(core.parse_micros(p_document ->> 'cash') - b.cash_micros)
                    > l.cash_tolerance_micros, true);
$function$;

comment on function recon.list_money_drifts(uuid, jsonb) is
$$Positions and cash on which a broker snapshot and our books differ by more than the tolerance.
A fractional or unreadable quantity is a difference.$$;
