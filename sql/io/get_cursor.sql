create or replace function io.get_cursor(
    p_run_id uuid
)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select c.cursor_text
      from run.runs as r
      join oms.cursors as c using (account_id)
     where r.run_id = p_run_id;
$function$;

comment on function io.get_cursor(uuid) is
$$How far the broker events of a run's account were read; null = from the beginning.$$;
