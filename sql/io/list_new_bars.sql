create or replace function io.list_new_bars(
    p_run_id   uuid,
    p_after_at timestamptz,
    p_now_at   timestamptz
)
returns table (
    symbol       text,
    bar_end_at   text,
    open_micros  bigint,
    high_micros  bigint,
    low_micros   bigint,
    close_micros bigint,
    volume       bigint,
    ends_session boolean
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.* from md.list_new_bars(p_run_id, p_after_at, p_now_at) as f;
$function$;

comment on function io.list_new_bars(uuid, timestamptz, timestamptz) is
$$Service door to md.list_new_bars.$$;
