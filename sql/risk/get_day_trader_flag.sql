create or replace function risk.get_day_trader_flag(
    p_account_id text
)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce((select f.is_flagged from risk.day_trader_flags as f
                      where f.account_id = p_account_id
                      order by f.flag_seq desc limit 1), false);
$function$;

comment on function risk.get_day_trader_flag(text) is
$$True while an account counts as a pattern day trader's: until a person clears it.$$;
