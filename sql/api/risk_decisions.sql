create or replace function api.risk_decisions(
    p_run_id uuid,
    p_limit  integer
)
returns table (
    decided_at timestamptz,
    symbol     text,
    order_qty  bigint,
    verdict    text,
    rule       text,
    numbers    jsonb
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select d.decided_at, d.symbol, d.order_qty, d.verdict, d.rule, d.numbers
      from risk.decisions as d
     where d.run_id = p_run_id
       and run.assert_run(p_run_id)
     order by d.decided_at desc, d.symbol collate "C"
     limit least(greatest(p_limit, 1), 1000);
$function$;

comment on function api.risk_decisions(uuid, integer) is
$$The last verdicts with the numbers they saw.
Raises: MQN02.$$;
