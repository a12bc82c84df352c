create or replace function ledger.tg_positions__match_lots()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_held ledger.positions;
begin
    select p.* into v_held from ledger.positions as p
     where p.run_id = new.run_id and p.symbol = new.symbol;
    perform core.assert_that(
        (select (coalesce(sum(l.open_qty), 0), coalesce(sum(l.open_cost_micros), 0))
                = (v_held.position_qty, v_held.cost_micros)
                and coalesce(min(sign(l.open_qty)) = max(sign(l.open_qty)), true)
           from ledger.lots as l
          where l.run_id = new.run_id and l.symbol = new.symbol
           and l.match_no = v_held.match_no and l.open_qty <> 0),
        'MQI03', format('%s %s', new.run_id, new.symbol));
    return null;
end;
$function$;

comment on function ledger.tg_positions__match_lots() is
$$At commit: quantity and cost of a position equal its open lots, and these are on one side.
Why: catches a function that books one and forgets the other.
Raises: MQI03.$$;
