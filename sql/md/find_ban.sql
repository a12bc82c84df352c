create or replace function md.find_ban(
    p_run_id uuid,
    p_symbol text,
    p_now_at timestamptz
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select b.reason
      from ref.instruments as i
     cross join lateral ref.get_next_session(i.exchange_id, p_now_at) as s
     cross join lateral (
        select format('forbidden from %s to %s', f.from_on, f.to_on) as reason
          from md.forbid_periods as f
         where f.run_id = p_run_id and f.symbol = p_symbol
           and s.session_on between f.from_on and f.to_on
         union all
        select format('forbidden on %s: %s', a.ex_on, md.format_terms(a))
          from run.runs as r
          join run.configs as c using (config_hash)
         cross join lateral md.list_actions_as_of(p_symbol, p_now_at) as a
         where r.run_id = p_run_id and c.config #>> '{data,corporate_actions}' = 'FORBID'
           and a.ex_on = s.session_on) as b
     where i.symbol = p_symbol
     order by b.reason
     limit 1;
$function$;

comment on function md.find_ban(uuid, text, timestamptz) is
$$Why a run takes no new risk in a symbol in the session in which an order given at p_now_at would trade, or
null: a period of data.forbid_periods, or, where data.corporate_actions is FORBID, the ex session of an
announced action.$$;
