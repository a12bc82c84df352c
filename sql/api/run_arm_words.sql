create or replace function api.run_arm_words(
    p_run_id uuid
)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select ops.get_arm_words(p_run_id)
     where run.assert_run(p_run_id);
$function$;

comment on function api.run_arm_words(uuid) is
$$The exact words that arm the run.
Raises: MQN02.$$;
