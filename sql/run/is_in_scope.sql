create or replace function run.is_in_scope(
    p_login     text,
    p_engine_id text
)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(p_engine_id = any((
               select s.engine_ids
                 from run.login_scopes as s
                where s.login = p_login
                order by s.scope_seq desc
                limit 1)::text[]), true);
$function$;

comment on function run.is_in_scope(text, text) is
$$Whether a login may know of this engine: for what is not reached through run.runs, where a policy
says the same. True for what belongs to no engine.$$;
