create or replace function ops.assert_token_scopes(
    p_actor  text,
    p_scopes text[]
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_beyond text;
begin
    select string_agg(s.scope, ', ' order by s.scope) into v_beyond
      from unnest(p_scopes) as s (scope)
     where not exists (
           select
             from ops.list_token_commands() as c
            where c.scope = case s.scope when 'arm_live' then 'operate' else s.scope end
              and pg_has_role(p_actor, c.group_name, 'member'));
    perform core.assert_that(
        v_beyond is null, 'MQG63', format('%s may not %s', p_actor, v_beyond));
end;
$function$;

comment on function ops.assert_token_scopes(text, text[]) is
$$Refuses scopes that the person's own groups do not give: an operator cannot make himself an approver.
Raises: MQG63 naming the scopes, unknown ones too.$$;
