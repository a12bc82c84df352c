create or replace function ops.get_arm_words(
    p_run_id uuid
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select format('ARM %s %s %s', r.mode, right(r.account_id, 4),
                  c.config #>> '{risk,daily_loss_limit}')
      from run.runs as r
      join run.configs as c using (config_hash)
     where r.run_id = p_run_id;
$function$;

comment on function ops.get_arm_words(uuid) is
$$The exact words that arm a run: ARM, mode, last four of the account, daily loss limit.
Why: whoever arms has read which account and how much may be lost in a day.$$;
