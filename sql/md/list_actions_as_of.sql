create or replace function md.list_actions_as_of(
    p_symbol   text,
    p_as_of_at timestamptz
)
returns setof md.corporate_actions
language sql
stable
begin atomic
    select a.*
      from md.corporate_actions as a
     where a.symbol = p_symbol
       and a.action_kind <> 'CANCEL'
       and a.announced_at <= p_as_of_at
       and not exists (
            select from md.corporate_actions as c
             where c.cancels_id = a.action_id and c.announced_at <= p_as_of_at)
     order by a.effective_at, a.action_id;
end;

comment on function md.list_actions_as_of(text, timestamptz) is
$$The corporate actions of a symbol that had been announced and not cancelled by p_as_of_at, oldest
first; those still to come too.
Why: what was announced later is not known then, and what was cancelled later still stood.$$;
