create or replace function ledger.get_position_qty(
    p_run_id uuid,
    p_symbol text
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce((select p.position_qty from ledger.positions as p
                      where p.run_id = p_run_id and p.symbol = p_symbol), 0);
$function$;

comment on function ledger.get_position_qty(uuid, text) is
$$Signed shares held: plus long, minus short, 0 when there never was a fill.$$;
