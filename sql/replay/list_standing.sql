create or replace function replay.list_standing(
    p_fills ledger.fills[],
    p_fill  ledger.fills
)
returns ledger.fills[]
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select case when p_fill.fill_seq is null then p_fills
                when p_fill.reverses_seq is null then p_fills || p_fill
                else array(select f from unnest(p_fills) as f
                            where f.fill_seq <> p_fill.reverses_seq order by f.fill_seq) end;
$function$;

comment on function replay.list_standing(ledger.fills[], ledger.fills) is
$$The fills that stand once p_fill is booked: one more, or one less if it takes one back.$$;
