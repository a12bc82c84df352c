create or replace function md.get_marks(
    p_run_id uuid,
    p_now_at timestamptz
)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    return (select jsonb_object_agg(m.symbol, m.mark_micros)
              from md.list_marks(p_run_id, p_now_at) as m);
end;
$function$;

comment on function md.get_marks(uuid, timestamptz) is
$$The marks of a run's universe at p_now_at as {symbol: micros}, null where there is none.
Why: looked up once where many orders are judged at the same moment.$$;
